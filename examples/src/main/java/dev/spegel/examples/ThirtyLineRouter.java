package dev.spegel.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.spegel.oci.Digest;
import dev.spegel.routing.Key;
import dev.spegel.routing.Lookup;
import dev.spegel.routing.Peer;
import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.Router;
import dev.spegel.routing.RoutingException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/**
 * A router of one's own, in some thirty statements: nodes that share a directory, over NFS say, leave a note there for each key that
 * they have. A note's name is the address of the node's registry. It passes the testkit's {@code RouterContract}.
 */
public final class ThirtyLineRouter implements Router {
    private static final Key NODE = new Key("node");

    private final Path directory;
    private final String self;
    private volatile boolean closed;

    public ThirtyLineRouter(Path directory, PeerAddress self) throws RoutingException {
        this.directory = directory;
        this.self = self.toString();
        advertise(List.of(NODE));
    }

    @Override
    public Lookup lookup(Key key, int maxPeers) {
        if (maxPeers < 1) {
            throw new IllegalArgumentException("maxPeers must be positive, got " + maxPeers);
        }
        Queue<Peer> found = new ConcurrentLinkedQueue<>(
                holders(key).stream().limit(maxPeers).toList());
        return new Lookup() {
            @Override
            public Next next(Duration limit) throws InterruptedException {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                Peer peer = closed ? null : found.poll();
                return peer == null ? new Ended() : new Found(peer);
            }

            @Override
            public void close() {
                found.clear();
            }
        };
    }

    @Override
    public void advertise(Collection<Key> keys) throws RoutingException {
        for (Key key : keys) {
            change(
                    key,
                    notes -> Files.writeString(Files.createDirectories(notes).resolve(self), key.text()));
        }
    }

    @Override
    public void withdraw(Collection<Key> keys) throws RoutingException {
        for (Key key : keys) {
            change(key, notes -> Files.deleteIfExists(notes.resolve(self)));
        }
    }

    @Override
    public boolean ready() {
        return !peers().isEmpty();
    }

    @Override
    public List<Peer> peers() {
        return holders(NODE);
    }

    @Override
    public Duration advertisementInterval() {
        return Duration.ofHours(1); // notes don't expire, but somebody may tidy up
    }

    @Override
    public void close() {
        closed = true; // the other notes of a node are withdrawn by whoever advertised them
    }

    private List<Peer> holders(Key key) {
        List<Peer> holders = new ArrayList<>();
        try (Stream<Path> notes = Files.list(notes(key))) {
            for (Path note : notes.filter(each -> !each.endsWith(self)).toList()) {
                PeerAddress address = PeerAddress.parse(note.getFileName().toString());
                InetAddress host = InetAddress.getByName(address.host());
                holders.add(new Peer(address.toString(), List.of(host), address.port(), Optional.empty()));
            }
        } catch (IOException e) {
            return List.of(); // nobody has left a note
        }
        return closed ? List.of() : holders;
    }

    private void change(Key key, Change change) throws RoutingException {
        if (closed) {
            throw new RoutingException("this router is closed");
        }
        try {
            change.in(notes(key));
        } catch (IOException e) {
            throw new RoutingException("change the notes in " + directory, e);
        }
    }

    private Path notes(Key key) {
        return directory.resolve(Digest.ofSha256(key.text().getBytes(UTF_8)).encoded());
    }

    private interface Change {
        void in(Path notes) throws IOException;
    }

    /** Two nodes in the directory that is the first argument, or in a new one: one has content, the other finds it. */
    public static void main(String[] arguments) throws Exception {
        Path shared = arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("notes-");
        Key key = Key.of(Digest.ofSha256("a layer".getBytes(UTF_8)));
        try (Router first = new ThirtyLineRouter(shared, PeerAddress.parse("127.0.0.1:5001"));
                Router second = new ThirtyLineRouter(shared, PeerAddress.parse("127.0.0.1:5002"))) {
            first.advertise(List.of(key));
            try (Lookup lookup = second.lookup(key, 3)) {
                System.out.println(lookup.next(Duration.ofSeconds(1)));
            }
            first.withdraw(List.of(key));
        }
    }
}
