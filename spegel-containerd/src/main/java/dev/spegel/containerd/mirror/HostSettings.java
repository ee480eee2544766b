package dev.spegel.containerd.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spegel.oci.Quoted;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Whether containerd can read the settings of a host. One that it can't makes it ignore the whole file, so that every mirror in it is
 * passed over: {@code parseHostConfig} in its remotes/docker/config. It ignores keys that it doesn't know.
 */
final class HostSettings {
    /** {@code referrers} from 2.2 on. */
    private static final Set<String> CAPABILITIES = Set.of("pull", "resolve", "push", "referrers");

    private static final Pattern GO_DURATION =
            Pattern.compile("0|[-+]?(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+");

    private static final List<Rule> RULES = List.of(
            new Rule("server", "a string", JsonNode::isTextual),
            new Rule(
                    "capabilities",
                    "a list of pull, resolve, push, referrers",
                    value -> isList(
                            value, each -> CAPABILITIES.contains(each.asText().toLowerCase(Locale.ROOT)))),
            new Rule("ca", "a file or a list of files", HostSettings::isTextOrList),
            new Rule(
                    "client",
                    "a file, or a list of files or pairs of files",
                    value -> value.isTextual()
                            || isList(
                                    value,
                                    each -> each.isTextual()
                                            || (isList(each, JsonNode::isTextual) && each.size() == 2))),
            new Rule("skip_verify", "true or false", JsonNode::isBoolean),
            new Rule("override_path", "true or false", JsonNode::isBoolean),
            new Rule(
                    "header",
                    "a table whose values are strings or lists of strings",
                    value -> value.isObject() && value.properties().stream().allMatch(e -> isTextOrList(e.getValue()))),
            new Rule(
                    "dial_timeout",
                    "a duration as 200ms",
                    value -> value.isTextual()
                            && (value.asText().isEmpty()
                                    || GO_DURATION.matcher(value.asText()).matches())));

    private HostSettings() {}

    /** @throws IllegalArgumentException with the first setting that is wrong */
    static void check(String host, Map<String, JsonNode> settings) {
        for (Rule rule : RULES) {
            JsonNode value = settings.get(rule.key());
            if (value != null && !rule.test().test(value)) {
                // A header may be a credential.
                String got = rule.key().equals("header") ? "" : ", got " + Quoted.of(value.toString());
                throw new IllegalArgumentException(
                        "%s of %s is %s%s".formatted(rule.key(), Quoted.of(host), rule.words(), got));
            }
        }
    }

    private static boolean isTextOrList(JsonNode value) {
        return value.isTextual() || isList(value, JsonNode::isTextual);
    }

    private static boolean isList(JsonNode value, Predicate<JsonNode> each) {
        if (!value.isArray()) {
            return false;
        }
        for (JsonNode element : value) {
            if (!each.test(element)) {
                return false;
            }
        }
        return true;
    }

    private record Rule(String key, String words, Predicate<JsonNode> test) {}
}
