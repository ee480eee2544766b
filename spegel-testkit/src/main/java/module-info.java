/** Contracts, sample images and faulty peers for whoever writes a content store or a router. */
module dev.spegel.testkit {
    requires transitive dev.spegel.oci;
    requires transitive dev.spegel.routing;
    requires static transitive org.jspecify;
    requires org.assertj.core;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires transitive org.junit.jupiter.api;

    exports dev.spegel.testkit;
}
