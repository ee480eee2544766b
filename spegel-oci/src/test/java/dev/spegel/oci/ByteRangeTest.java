package dev.spegel.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class ByteRangeTest {
    @Test
    void bothEndsAreIncluded() {
        assertThat(new ByteRange(0, 0).length()).isEqualTo(1);
        assertThat(new ByteRange(2, 5).length()).isEqualTo(4);
        assertThat(new ByteRange(0, Long.MAX_VALUE - 1).length()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void runsUpwardsFromZero() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ByteRange(-1, 5));
        assertThatIllegalArgumentException().isThrownBy(() -> new ByteRange(5, 4));
        assertThatIllegalArgumentException().isThrownBy(() -> new ByteRange(0, Long.MAX_VALUE));
    }

    @Test
    void announcesItself() {
        assertThat(new ByteRange(2, 5).toContentRange(6)).isEqualTo("bytes 2-5/6");
    }

    @Test
    void announcesItselfInAsciiDigitsWhateverTheLocale() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            assertThat(new ByteRange(2, 5).toContentRange(6)).isEqualTo("bytes 2-5/6");
            assertThat(RangeSpec.from(7)).hasToString("bytes=7-");
            assertThat(ContentRange.unsatisfied(6)).hasToString("bytes */6");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void announcesNothingBeyondTheContent() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ByteRange(2, 5).toContentRange(5));
    }
}
