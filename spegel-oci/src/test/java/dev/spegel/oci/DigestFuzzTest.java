package dev.spegel.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class DigestFuzzTest {
    @FuzzTest
    void whatIsReadIsWrittenTheSame(byte[] input) {
        String text = new String(input, UTF_8);
        try {
            assertThat(Digest.parse(text)).hasToString(text);
        } catch (OciSyntaxException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.DIGEST_INVALID);
        }
    }
}
