/** Finds the nodes of a cluster that hold content, and tells them what this one holds. */
module dev.spegel.routing {
    requires transitive dev.spegel.oci;
    requires java.net.http;
    requires static transitive org.jspecify;
    requires org.slf4j;

    exports dev.spegel.routing;
}
