package dev.spegel.agent.cli;

import dev.spegel.oci.Quoted;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How values are written on the command line. The same text must mean here what it means to the Go implementation, so that
 * operators can swap images: durations as of Go's {@code time.ParseDuration}, addresses as of {@code net.Listen}, lists in
 * environment variables as CSV.
 *
 * <p>Each method throws {@link IllegalArgumentException} with a message that states the rule and the value.
 */
final class GoSyntax {
    private static final Pattern DURATION_PART =
            Pattern.compile("([0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)");

    private static final Map<String, Long> UNIT_NANOS = Map.of(
            "ns", 1L,
            "us", 1_000L,
            "µs", 1_000L,
            "μs", 1_000L,
            "ms", 1_000_000L,
            "s", 1_000_000_000L,
            "m", 60_000_000_000L,
            "h", 3_600_000_000_000L);

    /** As many digits as GiB can have without running over. */
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})(|B|KiB|MiB|GiB)");

    private static final Map<String, Long> UNIT_BYTES =
            Map.of("", 1L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

    /** A duration that is longer is a mistake, and stays far from what a {@code long} of nanoseconds holds. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private GoSyntax() {}

    /** Reads {@code 20ms}, {@code 1.5s} or {@code 1m30s}, longer than zero. */
    static Duration positiveDuration(String text) {
        BigDecimal nanos = BigDecimal.ZERO;
        Matcher part = DURATION_PART.matcher(text);
        int end = 0;
        while (end < text.length() && part.find(end) && part.start() == end) {
            nanos = nanos.add(
                    new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unit(UNIT_NANOS, part.group(2)))));
            end = part.end();
        }
        if (end == 0 || end < text.length()) {
            throw new IllegalArgumentException(
                    "a duration is numbers with units (ns, us, ms, s, m, h), as in 20ms or 1m30s, got "
                            + Quoted.of(text));
        }
        BigDecimal longest = BigDecimal.valueOf(LONGEST.toSeconds()).movePointRight(9);
        if (nanos.compareTo(BigDecimal.ONE) < 0 || nanos.compareTo(longest) > 0) {
            throw new IllegalArgumentException("this duration must be from 1ns to 8760h, got " + Quoted.of(text));
        }
        return Duration.ofNanos(nanos.longValue());
    }

    /** Reads {@code 200MiB} and the like, at least one byte. */
    static long positiveSizeBytes(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new IllegalArgumentException(
                    "a size is a whole number with B, KiB, MiB or GiB, as in 200MiB, got " + Quoted.of(text));
        }
        long bytes = Math.multiplyExact(Long.parseLong(size.group(1)), unit(UNIT_BYTES, size.group(2)));
        if (bytes < 1) {
            throw new IllegalArgumentException("a size is at least 1B, got " + Quoted.of(text));
        }
        return bytes;
    }

    static int positiveInt(String text) {
        try {
            int number = Integer.parseInt(text);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(positiveIntRule(text), e);
        }
        throw new IllegalArgumentException(positiveIntRule(text));
    }

    private static String positiveIntRule(String text) {
        return "a whole number of at least 1 is expected, got " + Quoted.of(text);
    }

    /** Reads what Go's {@code strconv.ParseBool} reads. */
    static boolean bool(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "True", "TRUE" -> true;
            case "0", "f", "F", "false", "False", "FALSE" -> false;
            default -> throw new IllegalArgumentException("true or false is expected, got " + Quoted.of(text));
        };
    }

    /** Reads an address to listen on: {@code :5000} (all interfaces), {@code host:5000} or {@code [::1]:5000}. */
    static InetSocketAddress listenAddress(String text) {
        HostPort address = HostPort.parse(text, 0);
        if (address.host().isEmpty()) {
            return new InetSocketAddress(address.port());
        }
        return new InetSocketAddress(resolve(address.host().get(), text), address.port());
    }

    private static InetAddress resolve(String host, String text) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("no address is known for the host of " + Quoted.of(text), e);
        }
    }

    /** Splits the arguments of a list flag at commas; empty entries count as nothing. */
    static List<String> list(List<String> arguments) {
        return arguments.stream()
                .flatMap(argument -> Arrays.stream(argument.split(",", -1)))
                .map(String::strip)
                .filter(entry -> !entry.isEmpty())
                .toList();
    }

    /** Splits an environment variable at commas; an entry in double quotes may have commas itself, as in RFC 4180. */
    static List<String> csv(String text) {
        List<String> entries = new ArrayList<>();
        StringBuilder entry = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                entry.append('"');
                i++;
            } else if (c == '"' && (quoted || entry.toString().isBlank())) {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                entries.add(entry.toString().strip());
                entry.setLength(0);
            } else {
                entry.append(c);
            }
        }
        if (quoted) {
            throw new IllegalArgumentException("an opening quote has a closing one, got " + Quoted.of(text));
        }
        entries.add(entry.toString().strip());
        return entries.stream().filter(e -> !e.isEmpty()).toList();
    }

    private static long unit(Map<String, Long> units, String name) {
        Long factor = units.get(name);
        if (factor == null) {
            throw new AssertionError("the pattern names only known units, got " + Quoted.of(name));
        }
        return factor;
    }

    /** {@code [host]:port}; an IPv6 address is in brackets. */
    record HostPort(Optional<String> host, int port) {
        private static final Pattern GRAMMAR =
                Pattern.compile("(?:\\[([0-9A-Fa-f:.%a-z]{2,60})]|([A-Za-z0-9._-]{0,253})):([0-9]{1,5})");

        /** @param lowestPort 0 where the system may choose, otherwise 1 */
        static HostPort parse(String text, int lowestPort) {
            Matcher address = GRAMMAR.matcher(text);
            if (!address.matches()) {
                throw new IllegalArgumentException(
                        "an address is host:port, :port or [IPv6 address]:port, got " + Quoted.of(text));
            }
            int port = Integer.parseInt(address.group(3));
            if (port < lowestPort || port > 65535) {
                throw new IllegalArgumentException(
                        "a port is %d to 65535, got %s".formatted(lowestPort, Quoted.of(text)));
            }
            String host = address.group(1) != null ? address.group(1) : address.group(2);
            return new HostPort(host.isEmpty() ? Optional.empty() : Optional.of(host), port);
        }
    }
}
