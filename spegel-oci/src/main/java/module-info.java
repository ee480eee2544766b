/** OCI and Docker image types, reference grammar, and content stores. */
module dev.spegel.oci {
    requires com.fasterxml.jackson.core;
    requires org.apache.commons.compress;
    requires static transitive org.jspecify;
    requires org.slf4j;

    exports dev.spegel.oci;
    exports dev.spegel.oci.store;
}
