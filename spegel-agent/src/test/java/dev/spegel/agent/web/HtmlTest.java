package dev.spegel.agent.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class HtmlTest {
    private final Html html = new Html();

    @Test
    void markupInTextIsText() {
        assertThat(html.foreign("p", "<script>alert('1')</script> & \"more\"").toString())
                .isEqualTo(
                        "<p><bdi>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;more&quot;</bdi></p>\n");
    }

    @Test
    void anAttributeCannotBeLeft() {
        assertThat(html.open("input", "value", "\"><img src=x onerror='alert(1)'>", "required", "")
                        .toString())
                .isEqualTo("<input value=\"&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;\" required>");
    }

    @Test
    void whatCannotBeSeenIsShown() {
        assertThat(html.text("a\u202Egnp.exe\u200F \u0000\uD800\u2028").toString())
                .isEqualTo("a[U+202E]gnp.exe[U+200F] [U+0000][U+D800][U+2028]");
    }

    @Test
    void lettersOfAllScriptsAndEmojiStay() {
        assertThat(html.text("ñ שלום 漢 😀").toString()).isEqualTo("ñ שלום 漢 😀");
    }

    @Test
    void whatIsVeryLongIsCut() {
        assertThat(html.foreign("x".repeat(100_000)).toString())
                .hasSizeLessThan(700)
                .contains("… (100000 characters)");
    }

    @Test
    void elementsAreClosedInOrder() {
        html.open("ul").open("li").text("1");
        assertThatIllegalStateException().isThrownBy(html::toString).withMessageContaining("[li, ul]");
        assertThat(html.close().close().toString()).isEqualTo("<ul><li>1</li>\n</ul>\n");
    }
}
