package dev.spegel.containerd;

import com.google.protobuf.Empty;
import dev.spegel.containerd.internal.ContentGrpc;
import dev.spegel.containerd.internal.EventsGrpc;
import dev.spegel.containerd.internal.GetImageRequest;
import dev.spegel.containerd.internal.Image;
import dev.spegel.containerd.internal.ImagesGrpc;
import dev.spegel.containerd.internal.Info;
import dev.spegel.containerd.internal.InfoRequest;
import dev.spegel.containerd.internal.IntrospectionGrpc;
import dev.spegel.containerd.internal.ListContentRequest;
import dev.spegel.containerd.internal.ListImagesRequest;
import dev.spegel.containerd.internal.ListNamespacesRequest;
import dev.spegel.containerd.internal.Namespace;
import dev.spegel.containerd.internal.NamespacesGrpc;
import dev.spegel.containerd.internal.Plugin;
import dev.spegel.containerd.internal.PluginsRequest;
import dev.spegel.containerd.internal.SubscribeRequest;
import dev.spegel.containerd.internal.VersionGrpc;
import dev.spegel.oci.Digest;
import dev.spegel.oci.store.StoreException;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractBlockingStub;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What a reader asks of containerd over its gRPC socket, in one namespace. Calls block, obey interruption and have a limit. Safe for
 * use by many threads.
 */
final class ContainerdClient implements AutoCloseable {
    /** Each has a connection and up to some 3 MiB on their way; a node whose content directory isn't visible serves few at once. */
    static final int MAX_READERS = 16;

    /** Listing goes through all that there is. */
    private static final int LIST_FACTOR = 4;

    private static final String CONTENT_PLUGIN = "type==io.containerd.content.v1,id==content";
    private static final int HEX_DIGITS = 16;

    private final Path socket;
    private final Duration callLimit;
    private final String namespace;
    private final SocketConnections connections;
    private final ManagedChannel connection;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Semaphore readers = new Semaphore(MAX_READERS);
    private final EventCounts events = new EventCounts();

    ContainerdClient(ContainerdConfig config) {
        this.socket = config.socket();
        this.callLimit = config.callLimit();
        this.namespace = config.namespace();
        this.connections = new SocketConnections(config.socket(), config.namespace());
        this.connection = connections.acquire();
    }

    /** Has the next call try to connect at once, rather than when gRPC thinks that it may be time. */
    void reconnectNow() {
        connection.resetConnectBackoff();
    }

    /** How often containerd told of what. */
    EventCounts events() {
        return events;
    }

    String version() throws StoreException {
        return call(
                "its version",
                () -> limited(VersionGrpc.newBlockingStub(connection))
                        .version(Empty.getDefaultInstance())
                        .getVersion());
    }

    /** All plugins that containerd was built with, also those that it doesn't run. */
    List<Plugin> plugins() throws StoreException {
        return plugins("its plugins", PluginsRequest.getDefaultInstance());
    }

    private List<Plugin> plugins(String what, PluginsRequest request) throws StoreException {
        return call(
                what,
                () -> limited(IntrospectionGrpc.newBlockingStub(connection))
                        .plugins(request)
                        .getPluginsList());
    }

    /** Where the content is, as containerd sees it. Plugins works from 1.6 on, where PluginInfo came with 2.0. */
    Optional<Path> contentRoot() throws StoreException {
        PluginsRequest request =
                PluginsRequest.newBuilder().addFilters(CONTENT_PLUGIN).build();
        return plugins("its content plugin", request).stream()
                .map(plugin -> plugin.getExportsMap().get("root"))
                .filter(root -> root != null && !root.isEmpty())
                .map(Path::of)
                .findFirst();
    }

    /** The names of all namespaces. One appears when something is first put there. */
    List<String> namespaces() throws StoreException {
        return call(
                "its namespaces",
                () -> limited(NamespacesGrpc.newBlockingStub(connection))
                        .list(ListNamespacesRequest.getDefaultInstance())
                        .getNamespacesList()
                        .stream()
                        .map(Namespace::getName)
                        .toList());
    }

    Optional<Image> image(String name) throws StoreException {
        GetImageRequest request = GetImageRequest.newBuilder().setName(name).build();
        return find(
                "an image",
                () -> limited(ImagesGrpc.newBlockingStub(connection))
                        .get(request)
                        .getImage());
    }

    /** Passes on all images, in no order. If they don't fit into one answer, they are asked for in sixteen parts. */
    void listImages(Consumer<Image> consumer) throws StoreException {
        try {
            listImages(ListImagesRequest.getDefaultInstance(), consumer);
        } catch (StoreException e) {
            if (!(e.getCause() instanceof StatusRuntimeException status)
                    || status.getStatus().getCode() != Status.Code.RESOURCE_EXHAUSTED) {
                throw e;
            }
            for (int digit = 0; digit < HEX_DIGITS; digit++) {
                ListImagesRequest part = ListImagesRequest.newBuilder()
                        .addFilters("target.digest~=\"^[a-z0-9]+:" + Integer.toHexString(digit) + "\"")
                        .build();
                listImages(part, consumer);
            }
        }
    }

    private void listImages(ListImagesRequest request, Consumer<Image> consumer) throws StoreException {
        call(
                        "its images",
                        () -> listing(ImagesGrpc.newBlockingStub(connection))
                                .list(request)
                                .getImagesList())
                .forEach(consumer);
    }

    /** The size of content, if it belongs to the namespace. */
    OptionalLong size(Digest digest) throws StoreException {
        InfoRequest request =
                InfoRequest.newBuilder().setDigest(digest.toString()).build();
        Optional<Info> info = find(
                digest.toString(),
                () -> limited(ContentGrpc.newBlockingStub(connection))
                        .info(request)
                        .getInfo());
        return info.isPresent() ? OptionalLong.of(info.get().getSize()) : OptionalLong.empty();
    }

    /** Passes on all content of the namespace, in no order. */
    void listContent(Consumer<Info> consumer) throws StoreException {
        call("its content", () -> {
            listing(ContentGrpc.newBlockingStub(connection))
                    .list(ListContentRequest.getDefaultInstance())
                    .forEachRemaining(response -> response.getInfoList().forEach(consumer));
            return true;
        });
    }

    /**
     * Begins to listen to what happens to images and content in this namespace. The listener is called by the connection's thread
     * and mustn't block. There is no sign that containerd has begun to send.
     */
    EventSubscription subscribe(EventSubscription.Listener listener) {
        String ofNamespace = "namespace==\"" + namespace + "\"";
        SubscribeRequest request = SubscribeRequest.newBuilder()
                .addFilters(ofNamespace + ",topic~=\"^/images/(create|update|delete)$\"")
                .addFilters(ofNamespace + ",topic~=\"^/content/(create|delete)$\"")
                .build();
        EventSubscription subscription = new EventSubscription(namespace, listener, this::failure, events);
        EventsGrpc.newStub(connection).subscribe(request, subscription);
        return subscription;
    }

    /**
     * Opens content for reading over the socket, on a connection of its own. Empty if it isn't there.
     *
     * @throws StoreException also if too many are being read for longer than a call may take
     */
    Optional<SeekableByteChannel> open(Digest digest, long sizeBytes) throws StoreException {
        try {
            if (!readers.tryAcquire(TimeUnit.NANOSECONDS.convert(callLimit), TimeUnit.NANOSECONDS)) {
                throw new StoreException("%d contents are being read through %s already, which is as many as may be"
                        .formatted(MAX_READERS, socket));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted before %s could be read".formatted(digest), e);
        }
        ManagedChannel own;
        try {
            own = connections.acquire();
        } catch (IllegalStateException e) {
            readers.release();
            throw new StoreException("the store is closed", e);
        }
        Runnable release = () -> {
            connections.release(own);
            readers.release();
        };
        SocketChannel channel =
                new SocketChannel(digest, sizeBytes, own, connections.timer(), callLimit, this::failure, release);
        try {
            if (channel.begin()) {
                return Optional.of(channel);
            }
        } catch (StoreException | RuntimeException e) {
            channel.close();
            throw e;
        }
        channel.close();
        return Optional.empty();
    }

    /** Ends all calls; those that are under way fail. Content that is open can be read to its end. Closing twice is harmless. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            connections.release(connection);
            connections.close();
        }
    }

    private <S extends AbstractBlockingStub<S>> S limited(S stub) {
        return stub.withDeadlineAfter(callLimit);
    }

    private <S extends AbstractBlockingStub<S>> S listing(S stub) {
        return stub.withDeadlineAfter(callLimit.multipliedBy(LIST_FACTOR));
    }

    private <T> T call(String what, Supplier<T> request) throws StoreException {
        try {
            return request.get();
        } catch (StatusRuntimeException e) {
            throw failure("ask for " + what, e);
        }
    }

    private <T> Optional<T> find(String what, Supplier<T> request) throws StoreException {
        try {
            return Optional.of(request.get());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                return Optional.empty();
            }
            throw failure("ask for " + what, e);
        }
    }

    private StoreException failure(String attempt, StatusRuntimeException cause) {
        return new StoreException(
                "containerd at %s: %s: %s".formatted(socket, attempt, reason(cause.getStatus())), cause);
    }

    private String reason(Status status) {
        if (status.getCode() == Status.Code.UNAVAILABLE) {
            if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
                return "there is no socket; containerd doesn't run, or its socket is elsewhere";
            }
            if (Files.isDirectory(socket)) {
                return "that is a directory, not a socket";
            }
            if (Files.isRegularFile(socket)) {
                return "that is a file, not a socket";
            }
        }
        if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
            return "no answer in time";
        }
        Throwable cause = status.getCause();
        return status.getCode()
                + (status.getDescription() == null ? "" : ", " + status.getDescription())
                + (cause == null ? "" : ", " + cause.getMessage());
    }

    /** Says in words why a call failed. */
    interface FailureText {
        StoreException of(String attempt, StatusRuntimeException cause);
    }
}
