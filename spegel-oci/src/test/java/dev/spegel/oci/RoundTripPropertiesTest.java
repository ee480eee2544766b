package dev.spegel.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

/** What is written can be read again and is the same; what is computed agrees with a simpler way to compute it. */
class RoundTripPropertiesTest {
    @Property
    void referencesAreReadAsTheyAreWritten(@ForAll("references") Reference reference) {
        assertThat(Reference.parse(reference.toString())).isEqualTo(reference);
        boolean hub = reference.registry().equals("docker.io");
        if (!hub || reference.repository().contains("/")) {
            assertThat(Reference.parseLenient(reference.toString())).isEqualTo(reference);
        }
    }

    @Property
    void pathsAreReadAsTheyAreWritten(@ForAll("references") Reference reference) {
        Optional<String> registry = Optional.of(reference.registry());
        String below = "/v2/" + reference.repository();
        String beside = "/v2/" + reference.registry() + "/" + reference.repository();

        reference.tag().ifPresent(tag -> {
            RegistryPath expected = new RegistryPath.ManifestByTag(registry, reference.repository(), tag);
            assertThat(RegistryPath.parse(below + "/manifests/" + tag, reference.registry()))
                    .isEqualTo(expected);
            assertThat(RegistryPath.parse(beside + "/manifests/" + tag)).isEqualTo(expected);
        });
        reference.digest().ifPresent(digest -> {
            RegistryPath expected = new RegistryPath.Blob(registry, reference.repository(), digest);
            assertThat(RegistryPath.parse(below + "/blobs/" + digest, reference.registry()))
                    .isEqualTo(expected);
            assertThat(RegistryPath.parse(beside + "/blobs/" + digest)).isEqualTo(expected);
        });
    }

    @Property
    void manifestsAreReadAsTheyAreWritten(@ForAll("manifests") ImageManifest manifest) {
        byte[] json = manifest.toJson();

        assertThat(ImageManifest.parse(json)).isEqualTo(manifest);
        assertThat(StoredMediaType.detect(json)).isEqualTo(manifest.mediaType());
    }

    @Property
    void indexesAreReadAsTheyAreWritten(@ForAll("indexes") ImageIndex index) {
        byte[] json = index.toJson();

        assertThat(ImageIndex.parse(json)).isEqualTo(index);
        assertThat(StoredMediaType.detect(json)).isEqualTo(index.mediaType());
    }

    @Property
    void aRangeTakesWhatItSaysFromTheContent(
            @ForAll @LongRange(min = 0) long first,
            @ForAll @LongRange(min = 0) long length,
            @ForAll @LongRange(min = 0) long size) {
        BigInteger last = BigInteger.valueOf(first).add(BigInteger.valueOf(length));
        Optional<ByteRange> range =
                RangeSpec.parse("bytes=" + first + "-" + last).orElseThrow().within(size);

        if (first >= size) {
            assertThat(range).isEmpty();
        } else {
            BigInteger expected = last.min(BigInteger.valueOf(size - 1));
            assertThat(range).contains(new ByteRange(first, expected.longValueExact()));
            assertThat(ContentRange.parse(range.get().toContentRange(size)).range())
                    .isEqualTo(range);
        }
    }

    @Property
    void aSuffixIsTheEndOfTheContent(@ForAll @LongRange(min = 1) long length, @ForAll @LongRange(min = 1) long size) {
        ByteRange range =
                RangeSpec.parse("bytes=-" + length).orElseThrow().within(size).orElseThrow();

        assertThat(range.last()).isEqualTo(size - 1);
        assertThat(range.length()).isEqualTo(Math.min(length, size));
    }

    @Property
    void platformsMatchWhateverNameTheyGoBy(@ForAll("platforms") Platform platform) {
        assertThat(platform.normalised().normalised()).isEqualTo(platform.normalised());
        assertThat(platform.matches(platform.normalised())).isTrue();
        assertThat(platform.normalised().matches(platform)).isTrue();
    }

    @Provide
    Arbitrary<Reference> references() {
        Arbitrary<String> component = Combinators.combine(
                        alphanumeric(), Arbitraries.of("", ".", "_", "__", "-", "---"), alphanumeric())
                .as((start, separator, end) -> start + separator + end);
        Arbitrary<String> repository =
                component.list().ofMinSize(1).ofMaxSize(4).map(components -> String.join("/", components));
        Arbitrary<String> registry = Arbitraries.of(
                "docker.io", "localhost", "localhost:5000", "127.0.0.1:1", "[::1]", "[2001:db8::1]:65535", "A.example");
        Arbitrary<Optional<String>> tag = Arbitraries.strings()
                .withCharRange('a', 'z')
                .withCharRange('A', 'Z')
                .numeric()
                .withChars("._-")
                .ofMinLength(1)
                .ofMaxLength(128)
                .filter(text -> text.charAt(0) != '.' && text.charAt(0) != '-')
                .optional();
        return Combinators.combine(registry, repository, tag, digests().optional())
                .filter((host, name, tagged, digest) -> tagged.isPresent() || digest.isPresent())
                .as(Reference::new);
    }

    @Provide
    Arbitrary<ImageManifest> manifests() {
        return Combinators.combine(
                        Arbitraries.of(MediaType.OCI_MANIFEST, MediaType.DOCKER_MANIFEST),
                        mediaTypes().optional(),
                        descriptors(),
                        descriptors().list().ofMaxSize(4),
                        descriptors().optional(),
                        annotations())
                .as(ImageManifest::new);
    }

    @Provide
    Arbitrary<ImageIndex> indexes() {
        return Combinators.combine(
                        Arbitraries.of(MediaType.OCI_INDEX, MediaType.DOCKER_MANIFEST_LIST),
                        mediaTypes().optional(),
                        descriptors().list().ofMaxSize(4),
                        descriptors().optional(),
                        annotations())
                .as(ImageIndex::new);
    }

    @Provide
    Arbitrary<Platform> platforms() {
        return Combinators.combine(
                        Arbitraries.of("linux", "Linux", "windows", "macOS"),
                        Arbitraries.of(
                                "amd64",
                                "x86_64",
                                "arm64",
                                "AArch64",
                                "arm",
                                "armhf",
                                "armel",
                                "i386",
                                "386",
                                "riscv64",
                                "loongarch64"),
                        Arbitraries.of("v1", "8", "v8", "v8.0", "9", "V7", "5", "x")
                                .optional(),
                        Arbitraries.of("10.0.17763", "10.0.17763.1").optional(),
                        Arbitraries.of(List.<String>of(), List.of("win32k")))
                .as(Platform::new);
    }

    private static Arbitrary<Descriptor> descriptors() {
        return Combinators.combine(
                        mediaTypes(),
                        digests(),
                        Arbitraries.longs().between(0, Long.MAX_VALUE),
                        annotations(),
                        new RoundTripPropertiesTest().platforms().optional(),
                        mediaTypes().optional())
                .as(Descriptor::new);
    }

    private static Arbitrary<Map<String, String>> annotations() {
        // Any characters but half surrogate pairs, which our values refuse.
        Arbitrary<String> text = Arbitraries.strings()
                .all()
                .ofMaxLength(20)
                .filter(any -> any.codePoints().noneMatch(c -> Character.getType(c) == Character.SURROGATE));
        return Arbitraries.maps(text, text).ofMaxSize(3);
    }

    private static Arbitrary<MediaType> mediaTypes() {
        return Arbitraries.of(
                MediaType.OCI_LAYER, MediaType.OCI_CONFIG, MediaType.OCI_MANIFEST, new MediaType("a/b!#$&^_.+-"));
    }

    private static Arbitrary<Digest> digests() {
        return Arbitraries.bytes()
                .array(byte[].class)
                .ofSize(64)
                .map(bytes -> bytes[0] < 0 ? Digest.of(Digest.Algorithm.SHA512, bytes) : Digest.ofSha256(bytes));
    }

    private static Arbitrary<String> alphanumeric() {
        return Arbitraries.strings()
                .withCharRange('a', 'z')
                .numeric()
                .ofMinLength(1)
                .ofMaxLength(20);
    }
}
