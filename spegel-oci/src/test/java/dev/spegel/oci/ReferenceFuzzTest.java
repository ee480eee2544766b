package dev.spegel.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class ReferenceFuzzTest {
    @FuzzTest
    void strictIsWrittenAsItWasReadAndLenientAgrees(byte[] input) {
        String text = new String(input, UTF_8);
        Reference reference;
        try {
            reference = Reference.parse(text);
        } catch (OciSyntaxException e) {
            return;
        }
        assertThat(reference).hasToString(text);
        Reference lenient = Reference.parseLenient(text);
        assertThat(lenient.tag()).isEqualTo(reference.tag());
        assertThat(lenient.digest()).isEqualTo(reference.digest());
        assertThat(lenient.repository()).endsWith(reference.repository());
    }

    @FuzzTest
    void lenientGivesWhatStrictReads(byte[] input) {
        Reference reference;
        try {
            reference = Reference.parseLenient(new String(input, UTF_8));
        } catch (OciSyntaxException e) {
            return;
        }
        assertThat(reference.tag().isPresent() || reference.digest().isPresent())
                .isTrue();
        // A host in upper case without a dot is one only by its looks.
        if (ReferenceGrammar.looksLikeRegistry(reference.registry())) {
            assertThat(Reference.parse(reference.toString())).isEqualTo(reference);
        }
        assertThat(Reference.parseLenient(reference.toString())).isEqualTo(reference);
    }
}
