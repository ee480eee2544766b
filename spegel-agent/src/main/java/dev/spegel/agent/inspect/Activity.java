package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.HistoryReport.Minute;
import dev.spegel.agent.inspect.RequestsReport.MirrorRequest;
import dev.spegel.registry.AnsweredRequest;
import dev.spegel.registry.AnsweredRequest.Kind;
import dev.spegel.registry.AnsweredRequest.Source;
import dev.spegel.registry.RequestListener;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** Remembers what a registry of this process has done lately. Its memory is bounded, whatever is asked. */
public final class Activity implements RequestListener, ActivityView {
    /** The detail of a miss lists what eight peers said; a hostile one may say much. */
    private static final int MAX_REASON_LENGTH = 500;

    private final LongSupplier nanoClock;
    private final ReentrantLock lock = new ReentrantLock();
    private final History history;
    private final Deque<Remembered> requests = new ArrayDeque<>();
    private long seen;

    /** @param nanoClock like {@link System#nanoTime} */
    public Activity(LongSupplier nanoClock) {
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
        history = new History(nanoClock.getAsLong());
    }

    @Override
    public void answered(AnsweredRequest request) {
        lock.lock();
        try {
            long nowNanos = nanoClock.getAsLong();
            long tookNanos = request.elapsed().toNanos();
            if (request.ofOtherNode()) {
                if (request.source() == Source.STORE) {
                    history.spread(nowNanos, tookNanos, request.bodyBytes(), bytes -> new Minute(0, 0, 0, bytes, 0));
                }
            } else if (request.source() == Source.STORE) {
                history.spread(nowNanos, tookNanos, request.bodyBytes(), bytes -> new Minute(0, 0, 0, 0, bytes));
            } else {
                remember(request, nowNanos);
                boolean hit = request.source() == Source.PEER;
                history.add(nowNanos, new Minute(hit ? 1 : 0, hit ? 0 : 1, 0, 0, 0));
                if (hit) {
                    history.spread(nowNanos, tookNanos, request.bodyBytes(), bytes -> new Minute(0, 0, bytes, 0, 0));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void remember(AnsweredRequest request, long nowNanos) {
        seen++;
        if (requests.size() == MAX_REQUESTS) {
            requests.removeLast();
        }
        requests.addFirst(new Remembered(request, nowNanos));
    }

    @Override
    public RequestsReport requests() {
        List<Remembered> remembered;
        long count;
        lock.lock();
        try {
            remembered = new ArrayList<>(requests);
            count = seen;
        } finally {
            lock.unlock();
        }
        long nowNanos = nanoClock.getAsLong();
        return new RequestsReport(
                count,
                remembered.stream().map(request -> described(request, nowNanos)).toList());
    }

    private static MirrorRequest described(Remembered remembered, long nowNanos) {
        AnsweredRequest request = remembered.request();
        String repository = request.registry().map(registry -> registry + "/").orElse("") + request.repository();
        return new MirrorRequest(
                request.id(),
                Duration.ofNanos(Math.max(0, nowNanos - remembered.endNanos())),
                request.method(),
                request.kind().name().toLowerCase(Locale.ROOT),
                repository + (isDigest(request) ? "@" : ":") + request.reference(),
                request.source() == Source.PEER,
                request.servedBy(),
                request.status(),
                request.bodyBytes(),
                request.elapsed(),
                request.whyNot()
                        .map(reason -> reason.length() > MAX_REASON_LENGTH
                                ? reason.substring(0, MAX_REASON_LENGTH) + "…"
                                : reason));
    }

    /** A tag has no colon. */
    private static boolean isDigest(AnsweredRequest request) {
        return request.kind() == Kind.BLOB || request.reference().indexOf(':') >= 0;
    }

    @Override
    public HistoryReport history() {
        lock.lock();
        try {
            return new HistoryReport(history.minutes(nanoClock.getAsLong()));
        } finally {
            lock.unlock();
        }
    }

    private record Remembered(AnsweredRequest request, long endNanos) {}
}
