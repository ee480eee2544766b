package dev.spegel.containerd;

import com.google.protobuf.ByteString;
import dev.spegel.containerd.internal.ContentGrpc;
import dev.spegel.containerd.internal.CreateImageRequest;
import dev.spegel.containerd.internal.DeleteContentRequest;
import dev.spegel.containerd.internal.DeleteImageRequest;
import dev.spegel.containerd.internal.Descriptor;
import dev.spegel.containerd.internal.Image;
import dev.spegel.containerd.internal.ImagesGrpc;
import dev.spegel.containerd.internal.ListContentRequest;
import dev.spegel.containerd.internal.ListImagesRequest;
import dev.spegel.containerd.internal.UpdateImageRequest;
import dev.spegel.containerd.internal.WriteAction;
import dev.spegel.containerd.internal.WriteContentRequest;
import dev.spegel.containerd.internal.WriteContentResponse;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.ImageManifest;
import dev.spegel.oci.MediaType;
import dev.spegel.testkit.SampleImage;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** Fills a containerd over its socket, as its clients do. */
final class ContainerdFiller implements AutoCloseable {
    /** Keeps the garbage collector off: containerd's docs/garbage-collection.md. */
    private static final Map<String, String> ROOT = Map.of("containerd.io/gc.root", "2026-01-01T00:00:00Z");

    private static final String HOLD = "being-pulled";
    private static final int PIECE_BYTES = 1024 * 1024;

    private final SocketConnections connections;
    private final ManagedChannel connection;

    ContainerdFiller(ContainerdDaemon daemon, String namespace) {
        connections = new SocketConnections(daemon.socket(), namespace);
        connection = connections.acquire();
    }

    /** Puts content that stays though nothing names it. */
    void put(Digest digest, byte[] content) throws Exception {
        put(digest, content, ROOT);
    }

    /**
     * Brings a whole image as a pull does: all of it is kept from the collector meanwhile, here by a name that is no reference, and
     * the image's own name comes last. Of its content only what the predicate admits.
     */
    void pull(String name, SampleImage image, Predicate<Digest> wanted) throws Exception {
        name(HOLD, image.target());
        List<dev.spegel.oci.Descriptor> parentsFirst = new ArrayList<>(image.content());
        Collections.reverse(parentsFirst);
        for (dev.spegel.oci.Descriptor content : parentsFirst) {
            if (wanted.test(content.digest())) {
                byte[] bytes = image.bytes(content.digest());
                putWithReferences(content.digest(), bytes, references(content.mediaType(), bytes));
            }
        }
        name(name, image.target());
        unname(HOLD);
    }

    void pull(String name, SampleImage image) throws Exception {
        pull(name, image, digest -> true);
    }

    private static List<Digest> references(MediaType type, byte[] content) {
        if (type.isIndex()) {
            return ImageIndex.parse(content).manifests().stream()
                    .map(dev.spegel.oci.Descriptor::digest)
                    .toList();
        }
        return type.isManifest()
                ? ImageManifest.parse(content).blobs().stream()
                        .map(dev.spegel.oci.Descriptor::digest)
                        .toList()
                : List.of();
    }

    /** Puts content that names others, which then stay as long as it does. Nothing is kept that nothing names. */
    void putWithReferences(Digest digest, byte[] content, List<Digest> references) throws Exception {
        Map<String, String> labels = new LinkedHashMap<>();
        for (int i = 0; i < references.size(); i++) {
            labels.put("containerd.io/gc.ref.content." + i, references.get(i).toString());
        }
        put(digest, content, labels);
    }

    void put(Digest digest, byte[] content, Map<String, String> labels) throws Exception {
        CompletableFuture<WriteContentResponse> committed = new CompletableFuture<>();
        StreamObserver<WriteContentRequest> writer = ContentGrpc.newStub(connection)
                .write(new StreamObserver<>() {
                    @Override
                    public void onNext(WriteContentResponse response) {
                        if (response.getAction() == WriteAction.COMMIT) {
                            committed.complete(response);
                        }
                    }

                    @Override
                    public void onError(Throwable failure) {
                        committed.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {
                        committed.completeExceptionally(new AssertionError("no commit"));
                    }
                });
        WriteContentRequest.Builder request = WriteContentRequest.newBuilder()
                .setRef("test-" + digest)
                .setTotal(content.length)
                .setExpected(digest.toString());
        int offset = 0;
        do {
            int length = Math.min(PIECE_BYTES, content.length - offset);
            boolean last = offset + length == content.length;
            writer.onNext(request.setAction(last ? WriteAction.COMMIT : WriteAction.WRITE)
                    .setOffset(offset)
                    .setData(ByteString.copyFrom(content, offset, length))
                    .putAllLabels(last ? labels : Map.of())
                    .build());
            offset += length;
        } while (offset < content.length);
        try {
            committed.get();
            writer.onCompleted();
        } catch (java.util.concurrent.ExecutionException e) {
            if (Status.fromThrowable(e).getCode() != Status.Code.ALREADY_EXISTS) {
                throw e;
            }
        }
    }

    /** Removes content from the namespace; the garbage collector then removes its file. */
    void remove(Digest digest) {
        ContentGrpc.newBlockingStub(connection)
                .delete(DeleteContentRequest.newBuilder()
                        .setDigest(digest.toString())
                        .build());
    }

    /** Creates the image, or moves it if it is there. */
    void name(String name, dev.spegel.oci.Descriptor target) {
        Image image = Image.newBuilder()
                .setName(name)
                .setTarget(Descriptor.newBuilder()
                        .setDigest(target.digest().toString())
                        .setMediaType(target.mediaType().toString())
                        .setSize(target.sizeBytes()))
                .build();
        ImagesGrpc.ImagesBlockingStub images = ImagesGrpc.newBlockingStub(connection);
        try {
            images.create(CreateImageRequest.newBuilder().setImage(image).build());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
                throw e;
            }
            images.update(UpdateImageRequest.newBuilder().setImage(image).build());
        }
    }

    void unname(String name) {
        ImagesGrpc.newBlockingStub(connection)
                .delete(DeleteImageRequest.newBuilder().setName(name).build());
    }

    /** Removes the image and waits until the garbage is collected. */
    void unnameAndCollect(String name) {
        ImagesGrpc.newBlockingStub(connection)
                .delete(DeleteImageRequest.newBuilder()
                        .setName(name)
                        .setSync(true)
                        .build());
    }

    /** Removes all images and all content of the namespace, files included if no other namespace has them. */
    void empty() {
        ImagesGrpc.ImagesBlockingStub images = ImagesGrpc.newBlockingStub(connection);
        for (Image image : images.list(ListImagesRequest.getDefaultInstance()).getImagesList()) {
            unname(image.getName());
        }
        ContentGrpc.newBlockingStub(connection)
                .list(ListContentRequest.getDefaultInstance())
                .forEachRemaining(
                        response -> response.getInfoList().forEach(info -> remove(Digest.parse(info.getDigest()))));
        Digest none = Digest.ofSha256(new byte[0]);
        name("collect:all", dev.spegel.oci.Descriptor.of(MediaType.OCI_MANIFEST, none, 1));
        unnameAndCollect("collect:all");
    }

    @Override
    public void close() {
        connections.release(connection);
        connections.close();
    }
}
