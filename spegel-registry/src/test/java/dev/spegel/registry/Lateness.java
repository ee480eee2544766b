package dev.spegel.registry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * How much longer transfers take, for what peers do, than plain ones. Plain is the transfer of the same bytes from a peer that does nothing
 * wrong, made in the same run by the same threads: so a busy machine slows both. Safe for use by many threads.
 */
final class Lateness {
    private final List<Transfer> transfers = new ArrayList<>();

    /**
     * One that has ended, whether well or not.
     *
     * @param what for people
     * @param kind of bytes: those that take equally long
     * @param holders how many peers have the content, honest or not
     * @param honest how many of them are honest
     * @param plain what the transfer took just before without anybody who does wrong
     * @param bound how long the peers may make it take, beside the transfer itself
     */
    record Transfer(String what, Enum<?> kind, int holders, int honest, Duration took, Duration plain, Duration bound) {
        Duration late() {
            return took.minus(plain);
        }
    }

    synchronized void add(Transfer transfer) {
        transfers.add(transfer);
    }

    /** Those that took longer than their bound, this many times the slowest plain transfer of their kind, and the slack. */
    synchronized List<String> tooLate(int plainTransfers, Duration slack) {
        List<String> late = new ArrayList<>();
        for (Transfer transfer : transfers) {
            Duration limit = transfer.bound()
                    .plus(slowestPlain(transfer.kind()).multipliedBy(plainTransfers))
                    .plus(slack);
            if (transfer.took().compareTo(limit) > 0) {
                late.add("%s: took %s, limit %s".formatted(transfer.what(), transfer.took(), limit));
            }
        }
        return late;
    }

    private Duration slowestPlain(Enum<?> kind) {
        return transfers.stream()
                .filter(transfer -> transfer.kind() == kind)
                .map(Transfer::plain)
                .max(Duration::compareTo)
                .orElseThrow();
    }

    /** One line of figures. */
    synchronized String summary() {
        List<Transfer> helped =
                transfers.stream().filter(transfer -> transfer.honest() > 0).toList();
        Map<Integer, List<Transfer>> byHolders =
                new TreeMap<>(helped.stream().collect(Collectors.groupingBy(Transfer::holders)));
        return "%d transfers with an honest holder, %d of them within their limit and a plain one; later than a plain one by (median/99 %%/most) %s; %s; nearest to its limit, or beyond: %s. Plain: %s. Without an honest holder: %d, the longest %d. All in ms"
                .formatted(
                        helped.size(),
                        helped.stream()
                                .filter(transfer -> transfer.late().compareTo(transfer.bound()) <= 0)
                                .count(),
                        spread(helped, transfer -> transfer.late().toMillis()),
                        byHolders.entrySet().stream()
                                .map(entry -> "with %d holders %s"
                                        .formatted(
                                                entry.getKey(),
                                                spread(
                                                        entry.getValue(),
                                                        transfer ->
                                                                transfer.late().toMillis())))
                                .collect(Collectors.joining(", ")),
                        helped.stream()
                                .max(Comparator.comparing(
                                        transfer -> transfer.late().minus(transfer.bound())))
                                .map(Transfer::what)
                                .orElse("none"),
                        spread(transfers, transfer -> transfer.plain().toMillis()),
                        transfers.size() - helped.size(),
                        transfers.stream()
                                .filter(transfer -> transfer.honest() == 0)
                                .mapToLong(transfer -> transfer.took().toMillis())
                                .max()
                                .orElse(0));
    }

    private static String spread(List<Transfer> of, ToLongFunction<Transfer> millis) {
        if (of.isEmpty()) {
            return "-";
        }
        long[] sorted = of.stream().mapToLong(millis).sorted().toArray();
        return "%d/%d/%d"
                .formatted(
                        sorted[sorted.length / 2],
                        sorted[Math.min(sorted.length - 1, sorted.length * 99 / 100)],
                        sorted[sorted.length - 1]);
    }
}
