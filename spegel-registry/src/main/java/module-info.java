/** A Jetty handler that serves a content store as an OCI registry and mirrors what it lacks from peers. */
module dev.spegel.registry {
    requires transitive dev.spegel.oci;
    requires transitive dev.spegel.routing;
    requires transitive micrometer.core;
    requires transitive org.eclipse.jetty.server;
    requires org.eclipse.jetty.http;
    requires org.eclipse.jetty.io;
    requires org.eclipse.jetty.util;
    requires static transitive org.jspecify;
    requires org.slf4j;

    exports dev.spegel.registry;
}
