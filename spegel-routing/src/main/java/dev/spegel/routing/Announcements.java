package dev.spegel.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Things of one kind that the network should be told of, against what it has been told. For one thread.
 *
 * <p>A call to the router that fails may have reached some of the network: what was in it is in doubt, and is told again or
 * withdrawn, whichever is wanted by then.
 */
final class Announcements<T> {
    private final Set<T> told = new HashSet<>();
    private final Set<T> inDoubt = new HashSet<>();
    private final Set<T> toAdvertise = new LinkedHashSet<>();
    private final Set<T> toWithdraw = new LinkedHashSet<>();

    /** The network should know. */
    void want(T thing) {
        toWithdraw.remove(thing);
        if (!told.contains(thing) || inDoubt.contains(thing)) {
            toAdvertise.add(thing);
        }
    }

    /** The network should know, but first forget what it knew: it stands for something else now. */
    void wantAnew(T thing) {
        if (told.contains(thing) || inDoubt.contains(thing)) {
            toWithdraw.add(thing);
        }
        toAdvertise.add(thing);
    }

    /** The network should not know. */
    void unwant(T thing) {
        toAdvertise.remove(thing);
        if (told.contains(thing) || inDoubt.contains(thing)) {
            toWithdraw.add(thing);
        }
    }

    /** Whether this is or may be known to the network, or is to be told. */
    boolean concern(T thing) {
        return told.contains(thing) || toAdvertise.contains(thing) || inDoubt.contains(thing);
    }

    /** Whether the network is yet to hear of this for the first time. */
    boolean isNews(T thing) {
        return toAdvertise.contains(thing) && !told.contains(thing) && !inDoubt.contains(thing);
    }

    /** The things to advertise first, at most so many. */
    List<T> nextToAdvertise(int max) {
        return toAdvertise.stream().limit(max).toList();
    }

    /** The things to withdraw first, at most so many. */
    List<T> nextToWithdraw(int max) {
        return toWithdraw.stream().limit(max).toList();
    }

    boolean isSettled() {
        return toAdvertise.isEmpty() && toWithdraw.isEmpty();
    }

    void advertised(Collection<T> things) {
        told.addAll(things);
        things.forEach(inDoubt::remove);
        things.forEach(toAdvertise::remove);
    }

    void withdrawn(Collection<T> things) {
        things.forEach(told::remove);
        things.forEach(inDoubt::remove);
        things.forEach(toWithdraw::remove);
    }

    /** A call with these failed. */
    void failed(Collection<T> things) {
        inDoubt.addAll(things);
    }

    /** What the network has been told. */
    Set<T> told() {
        return Collections.unmodifiableSet(told);
    }

    /** What the network may know: to be withdrawn in the end. */
    List<T> mayBeKnown() {
        Set<T> all = new LinkedHashSet<>(told);
        all.addAll(inDoubt);
        return new ArrayList<>(all);
    }
}
