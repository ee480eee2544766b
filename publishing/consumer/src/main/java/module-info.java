/** A program that runs on the module path. */
module example {
    requires dev.spegel.oci;
    requires dev.spegel.registry;
    requires java.net.http;
}
