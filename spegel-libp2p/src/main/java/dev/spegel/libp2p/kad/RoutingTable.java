package dev.spegel.libp2p.kad;

import dev.spegel.libp2p.identity.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The peers that this node knows to serve the DHT, many near itself and few far away: libp2p/specs,
 * kad-dht/README.md#kademlia-routing-table, with the buckets of go-libp2p-kbucket.
 *
 * <p>Outline: bucket {@code i} holds peers whose position shares exactly {@code i} leading bits with this node's, at most
 * {@code bucketSize} of them. Only as many buckets exist as are needed: the last holds all that share {@code i} bits or more,
 * and splits when it is full. A full bucket takes nobody new unless a member may be replaced, which are those that came while
 * the table was being filled for the first time. Old members are not driven out by new ones, since a peer that has stayed long
 * will likely stay longer, and since an attacker could flush the table otherwise; they leave when they fail.
 */
final class RoutingTable {
    private static final class Member {
        final Contact contact;
        boolean replaceable;
        long answeredNanos;

        Member(Contact contact, boolean replaceable, long answeredNanos) {
            this.contact = contact;
            this.replaceable = replaceable;
            this.answeredNanos = answeredNanos;
        }
    }

    private final Contact self;
    private final int bucketSize;
    private final List<List<Member>> buckets = new ArrayList<>();
    private final Map<PeerId, Member> members = new HashMap<>();
    private long version;

    RoutingTable(PeerId self, int bucketSize) {
        LookupConfig.requirePositive(bucketSize, "bucketSize");
        this.self = Contact.of(self);
        this.bucketSize = bucketSize;
        buckets.add(new ArrayList<>());
    }

    int size() {
        return members.size();
    }

    boolean isEmpty() {
        return members.isEmpty();
    }

    boolean contains(PeerId peer) {
        return members.containsKey(peer);
    }

    Collection<PeerId> members() {
        return List.copyOf(members.keySet());
    }

    /** Changes whenever a member comes or goes. */
    long version() {
        return version;
    }

    /** The members that share at most so many leading bits with this node. */
    List<PeerId> membersSharingAtMost(int bits) {
        return members.values().stream()
                .map(member -> member.contact)
                .filter(contact -> prefixOf(contact) <= bits)
                .map(Contact::id)
                .toList();
    }

    /** Whether {@link #add} would take this peer; false also if it's in already, or is this node. */
    boolean hasRoomFor(PeerId peer) {
        if (peer.equals(self.id()) || members.containsKey(peer)) {
            return false;
        }
        int prefix = prefixOf(Contact.of(peer));
        List<Member> bucket = bucketOf(prefix);
        if (bucket.size() < bucketSize || bucket.stream().anyMatch(member -> member.replaceable)) {
            return true;
        }
        // Splitting the last bucket helps unless those who share the peer's prefix fill a bucket by themselves.
        return isLast(bucket)
                && bucket.stream()
                                .filter(member -> prefixOf(member.contact) == prefix)
                                .count()
                        < bucketSize;
    }

    /**
     * Adds a peer that has just answered.
     *
     * @param replaceable whether a later peer may take its place
     * @return whether it's new and in
     */
    boolean add(PeerId peer, boolean replaceable, long nowNanos) {
        if (!hasRoomFor(peer)) {
            return false;
        }
        Contact contact = Contact.of(peer);
        int prefix = prefixOf(contact);
        List<Member> bucket = bucketOf(prefix);
        while (bucket.size() >= bucketSize && isLast(bucket) && canSplit(bucket, prefix)) {
            split();
            bucket = bucketOf(prefix);
        }
        if (bucket.size() >= bucketSize) {
            Member leaving = bucket.stream()
                    .filter(member -> member.replaceable)
                    .min(Comparator.comparingLong(member -> member.answeredNanos - nowNanos))
                    .orElseThrow();
            bucket.remove(leaving);
            members.remove(leaving.contact.id());
        }
        Member member = new Member(contact, replaceable, nowNanos);
        bucket.add(member);
        members.put(peer, member);
        version++;
        return true;
    }

    /** Takes the peer out; false if it wasn't in. */
    boolean remove(PeerId peer) {
        Member member = members.remove(peer);
        if (member == null) {
            return false;
        }
        version++;
        bucketOf(prefixOf(member.contact)).remove(member);
        while (buckets.size() > 1 && buckets.get(buckets.size() - 1).isEmpty()) {
            buckets.remove(buckets.size() - 1);
        }
        return true;
    }

    /** Notes that a member answered. */
    void answered(PeerId peer, long nowNanos) {
        Member member = members.get(peer);
        if (member != null) {
            member.answeredNanos = nowNanos;
        }
    }

    /** From now on nobody in the table makes room for others. */
    void makeAllPermanent() {
        members.values().forEach(member -> member.replaceable = false);
    }

    /** Members that haven't answered for {@code grace} or longer. */
    List<PeerId> silentFor(Duration grace, long nowNanos) {
        return members.values().stream()
                .filter(member -> nowNanos - member.answeredNanos >= grace.toNanos())
                .map(member -> member.contact.id())
                .toList();
    }

    /** The {@code count} members nearest to {@code target}, nearest first. */
    List<PeerId> nearest(Position target, int count) {
        // Bucket by bucket, nearest first: every member of bucket i is at another distance class from the target.
        int shared = Math.min(self.position().commonPrefixLength(target), buckets.size() - 1);
        List<Contact> found = new ArrayList<>(count + bucketSize);
        collect(shared, target, found);
        // Members in deeper buckets differ from the target in bit `shared`, as this node does: they are nearer to the
        // target
        // than those in shallower ones, but come in no order among themselves.
        if (found.size() < count) {
            List<Contact> deeper = new ArrayList<>();
            for (int i = shared + 1; i < buckets.size(); i++) {
                addAll(buckets.get(i), deeper);
            }
            deeper.sort(Contact.nearestTo(target));
            found.addAll(deeper);
        }
        for (int i = shared - 1; i >= 0 && found.size() < count; i--) {
            collect(i, target, found);
        }
        return found.stream().limit(count).map(Contact::id).toList();
    }

    /** How many members share exactly {@code prefix} leading bits with this node. */
    int countSharing(int prefix) {
        return (int) bucketOf(prefix).stream()
                .filter(member -> prefixOf(member.contact) == prefix)
                .count();
    }

    /** The most leading bits that a member shares with this node; -1 without members. */
    int longestSharedPrefix() {
        return members.values().stream()
                .mapToInt(member -> prefixOf(member.contact))
                .max()
                .orElse(-1);
    }

    private void collect(int bucket, Position target, List<Contact> found) {
        int start = found.size();
        addAll(buckets.get(bucket), found);
        found.subList(start, found.size()).sort(Contact.nearestTo(target));
    }

    private static void addAll(List<Member> bucket, List<Contact> found) {
        for (Member member : bucket) {
            found.add(member.contact);
        }
    }

    private int prefixOf(Contact contact) {
        return self.position().commonPrefixLength(contact.position());
    }

    private List<Member> bucketOf(int prefix) {
        return buckets.get(Math.min(prefix, buckets.size() - 1));
    }

    private boolean isLast(List<Member> bucket) {
        return bucket == buckets.get(buckets.size() - 1);
    }

    /** Whether splitting the last bucket can make room for a peer with this prefix. */
    private boolean canSplit(List<Member> last, int prefix) {
        return last.stream()
                        .filter(member -> prefixOf(member.contact) == prefix)
                        .count()
                < bucketSize;
    }

    private void split() {
        int index = buckets.size() - 1;
        List<Member> deeper = new ArrayList<>();
        buckets.get(index).removeIf(member -> prefixOf(member.contact) > index && deeper.add(member));
        buckets.add(deeper);
    }
}
