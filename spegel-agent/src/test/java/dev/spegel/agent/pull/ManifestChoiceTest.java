package dev.spegel.agent.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManifestChoiceTest {
    private static final Descriptor ARM_V6 = forPlatform("linux/arm/v6");
    private static final Descriptor ARM_V7 = forPlatform("linux/arm/v7");
    private static final Descriptor AMD64 = forPlatform("linux/amd64");
    private static final Descriptor ATTESTATION = forPlatform("unknown/unknown");
    private static final List<Descriptor> ALL = List.of(ATTESTATION, ARM_V6, ARM_V7, AMD64);

    private static Descriptor forPlatform(String platform) {
        return new Descriptor(
                MediaType.OCI_MANIFEST,
                Digest.ofSha256(platform.getBytes(StandardCharsets.UTF_8)),
                10,
                Map.of(),
                Optional.of(Platform.parse(platform)),
                Optional.empty());
    }

    private static List<Descriptor> choose(String platform, List<Descriptor> manifests) throws PullException {
        return ManifestChoice.platform(Platform.parse(platform)).from(manifests);
    }

    @Test
    void aPlatformGetsTheBestThatRunsOnIt() throws Exception {
        assertThat(choose("linux/amd64", ALL)).containsExactly(AMD64);
        assertThat(choose("linux/arm/v7", ALL)).containsExactly(ARM_V7);
        assertThat(choose("linux/arm64", ALL)).as("its predecessor of 32 bits").containsExactly(ARM_V7);
        assertThat(choose("linux/arm/v6", ALL)).containsExactly(ARM_V6);
    }

    @Test
    void whatIsThereIsNamedWhereNothingRuns() {
        assertThatThrownBy(() -> choose("windows/amd64", ALL))
                .isInstanceOf(PullException.class)
                .hasMessage("it is for linux/arm/v6, linux/arm/v7, linux/amd64, not for windows/amd64");
    }

    @Test
    void anIndexWithoutPlatformsIsTakenWhole() throws Exception {
        Descriptor artifact = Descriptor.of(MediaType.OCI_MANIFEST, Digest.ofSha256(new byte[] {1}), 1);
        assertThat(choose("linux/amd64", List.of(artifact))).containsExactly(artifact);
    }
}
