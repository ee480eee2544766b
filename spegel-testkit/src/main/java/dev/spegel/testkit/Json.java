package dev.spegel.testkit;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import java.util.List;
import java.util.stream.Collectors;

/** The documents of sample images, written by hand: no library may change a byte, and so a digest, with its next version. */
final class Json {
    private Json() {}

    static String config(String architecture, List<Digest> diffIds) {
        return """
                {"architecture":"%s","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[%s]}}""".formatted(
                        architecture, diffIds.stream().map(d -> "\"" + d + "\"").collect(Collectors.joining(",")));
    }

    static String manifest(Form form, Descriptor config, List<Descriptor> layers) {
        return """
                {"schemaVersion":2,%s"config":%s,"layers":[%s]}""".formatted(
                        form.saysMediaType() ? "\"mediaType\":\"" + form.manifest() + "\"," : "",
                        descriptor(config),
                        descriptors(layers));
    }

    static String artifact(Form form, String artifactType, Descriptor config, List<Descriptor> layers) {
        return """
                {"schemaVersion":2,"mediaType":"%s","artifactType":"%s","config":%s,"layers":[%s]}""".formatted(form.manifest(), artifactType, descriptor(config), descriptors(layers));
    }

    /** The manifests are for {@code linux/amd64} and {@code linux/arm64}, in this order. */
    static String index(Form form, Descriptor amd64, Descriptor arm64) {
        return """
                {"schemaVersion":2,"mediaType":"%s","manifests":[%s,%s]}""".formatted(form.index(), platform(amd64, "amd64"), platform(arm64, "arm64"));
    }

    private static String platform(Descriptor manifest, String architecture) {
        String plain = descriptor(manifest);
        return plain.substring(0, plain.length() - 1)
                + ",\"platform\":{\"architecture\":\"%s\",\"os\":\"linux\"}}".formatted(architecture);
    }

    private static String descriptors(List<Descriptor> all) {
        return all.stream().map(Json::descriptor).collect(Collectors.joining(","));
    }

    private static String descriptor(Descriptor d) {
        return """
                {"mediaType":"%s","digest":"%s","size":%d}""".formatted(d.mediaType(), d.digest(), d.sizeBytes());
    }
}
