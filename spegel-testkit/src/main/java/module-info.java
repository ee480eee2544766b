/** Contracts, sample images and faulty peers for whoever writes a content store or a router. */
module dev.spegel.testkit {
    requires transitive dev.spegel.oci;
    requires transitive dev.spegel.routing;
    requires static transitive org.jspecify;

    exports dev.spegel.testkit;
}
