package dev.spegel.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.StoreEvent;
import dev.spegel.oci.store.StoreEvent.ContentAdded;
import dev.spegel.oci.store.StoreEvent.ContentRemoved;
import dev.spegel.oci.store.StoreEvent.TagAdded;
import dev.spegel.oci.store.StoreEvent.TagRemoved;
import dev.spegel.oci.store.StoreException;
import dev.spegel.oci.store.StoreSnapshot;
import dev.spegel.oci.store.StoreWatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Builds up what a store holds from one watch of it, and fails at an event that doesn't fit what went before: added twice, removed
 * without being there, a tag without its content.
 */
public final class Replica {
    private final StoreWatch watch;
    private final Set<Digest> content;
    private final Map<TagReference, Digest> tags;
    private final List<StoreEvent> events = new ArrayList<>();

    /** @param watch one that was begun just now; stays the caller's, who closes it */
    public Replica(StoreWatch watch) {
        this.watch = watch;
        this.content = new HashSet<>(watch.snapshot().content());
        this.tags = new HashMap<>(watch.snapshot().tags());
        assertThat(content).as("content of the tags in the snapshot").containsAll(tags.values());
    }

    /** What happened so far, in order. */
    public List<StoreEvent> events() {
        return List.copyOf(events);
    }

    /** What the store holds after these events. */
    public StoreSnapshot state() {
        return new StoreSnapshot(content, tags);
    }

    /** Reads events until the state fits; fails if it doesn't within the limit. */
    public void followUntil(Predicate<StoreSnapshot> wanted, Duration limit)
            throws StoreException, InterruptedException {
        long start = System.nanoTime();
        while (!wanted.test(state())) {
            Duration left = limit.minusNanos(System.nanoTime() - start);
            Optional<StoreEvent> event = watch.next(left.isNegative() ? Duration.ZERO : left);
            assertThat(event)
                    .as("an event within %s that leads to the state that is waited for, after %s", limit, events)
                    .isPresent();
            apply(event.orElseThrow());
        }
    }

    private void apply(StoreEvent event) {
        events.add(event);
        if (event instanceof ContentAdded added) {
            assertThat(content.add(added.digest()))
                    .as("content was absent before %s", events)
                    .isTrue();
        } else if (event instanceof ContentRemoved removed) {
            assertThat(content.remove(removed.digest()))
                    .as("content was there before %s", events)
                    .isTrue();
            assertThat(tags)
                    .as("no tag is left without its content by %s", events)
                    .doesNotContainValue(removed.digest());
        } else if (event instanceof TagAdded added) {
            assertThat(content)
                    .as("the content of the tag is there before %s", events)
                    .contains(added.digest());
            assertThat(tags.put(added.tag(), added.digest()))
                    .as("the tag was free before %s", events)
                    .isNull();
        } else if (event instanceof TagRemoved removed) {
            assertThat(tags.remove(removed.tag()))
                    .as("the tag had this digest before %s", events)
                    .isEqualTo(removed.digest());
        }
    }
}
