/** Finds the nodes of a cluster that hold content, and tells them what this one holds. */
module dev.spegel.routing {
    requires com.fasterxml.jackson.core;
    requires transitive dev.spegel.libp2p;
    requires transitive dev.spegel.oci;
    requires java.naming;
    requires java.net.http;
    requires static micrometer.core;
    requires static transitive org.jspecify;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires org.slf4j;

    exports dev.spegel.routing;
    exports dev.spegel.routing.bootstrap;
    exports dev.spegel.routing.dht;
    exports dev.spegel.routing.tls;
}
