package dev.spegel.oci;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Optional;

class RangeFuzzTest {
    private static final long[] SIZES = {0, 1, 2, 1000, Long.MAX_VALUE};

    @FuzzTest
    void aRangeLiesWithinAnyContent(byte[] input) {
        Optional<RangeSpec> parsed;
        try {
            parsed = RangeSpec.parse(new String(input, ISO_8859_1));
        } catch (OciSyntaxException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED);
            return;
        }
        if (parsed.isEmpty()) {
            return;
        }
        assertThat(RangeSpec.parse(parsed.get().toString())).isEqualTo(parsed);
        for (long size : SIZES) {
            parsed.get().within(size).ifPresent(range -> {
                assertThat(range.last()).isLessThan(size);
                assertThat(range.length()).isBetween(1L, size);
            });
        }
    }

    @FuzzTest
    void aContentRangeIsReadAsItIsWritten(byte[] input) {
        ContentRange range;
        try {
            range = ContentRange.parse(new String(input, ISO_8859_1));
        } catch (OciSyntaxException e) {
            return;
        }
        assertThat(ContentRange.parse(range.toString())).isEqualTo(range);
    }
}
