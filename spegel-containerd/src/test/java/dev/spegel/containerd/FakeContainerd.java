package dev.spegel.containerd;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.spegel.containerd.internal.ContentGrpc;
import dev.spegel.containerd.internal.Descriptor;
import dev.spegel.containerd.internal.Envelope;
import dev.spegel.containerd.internal.EventsGrpc;
import dev.spegel.containerd.internal.GetImageRequest;
import dev.spegel.containerd.internal.GetImageResponse;
import dev.spegel.containerd.internal.Image;
import dev.spegel.containerd.internal.ImageEvent;
import dev.spegel.containerd.internal.ImagesGrpc;
import dev.spegel.containerd.internal.Info;
import dev.spegel.containerd.internal.InfoRequest;
import dev.spegel.containerd.internal.InfoResponse;
import dev.spegel.containerd.internal.IntrospectionGrpc;
import dev.spegel.containerd.internal.ListContentRequest;
import dev.spegel.containerd.internal.ListContentResponse;
import dev.spegel.containerd.internal.ListImagesRequest;
import dev.spegel.containerd.internal.ListImagesResponse;
import dev.spegel.containerd.internal.ListNamespacesRequest;
import dev.spegel.containerd.internal.ListNamespacesResponse;
import dev.spegel.containerd.internal.Namespace;
import dev.spegel.containerd.internal.NamespacesGrpc;
import dev.spegel.containerd.internal.PluginsRequest;
import dev.spegel.containerd.internal.PluginsResponse;
import dev.spegel.containerd.internal.ReadContentRequest;
import dev.spegel.containerd.internal.ReadContentResponse;
import dev.spegel.containerd.internal.SubscribeRequest;
import dev.spegel.containerd.internal.VersionGrpc;
import dev.spegel.containerd.internal.VersionResponse;
import dev.spegel.oci.Digest;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** What a real containerd does at times, but not when a test asks for it. */
final class FakeContainerd {
    final Map<String, Image> images = new ConcurrentHashMap<>();
    final Map<String, byte[]> content = new ConcurrentHashMap<>();
    final Set<String> unlisted = ConcurrentHashMap.newKeySet();
    final List<StreamObserver<Envelope>> subscribers = new CopyOnWriteArrayList<>();
    volatile boolean imagesFitIntoOneAnswer = true;
    volatile Reading reading = Reading.WHOLE;

    private final MultiThreadIoEventLoopGroup threads = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Server server;

    enum Reading {
        WHOLE,
        /** All but the last byte, and no more. */
        SHORT,
        /** All but the last byte, and then nothing. */
        STALLED
    }

    FakeContainerd(Path socket) throws IOException {
        server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .withChildOption(ChannelOption.SO_KEEPALIVE, null)
                .channelType(NioServerDomainSocketChannel.class)
                .bossEventLoopGroup(threads)
                .workerEventLoopGroup(threads)
                .addService(new Images())
                .addService(new Contents())
                .addService(new Events())
                .addService(new Introspection())
                .addService(new Namespaces())
                .addService(new Version())
                .build()
                .start();
    }

    void put(Digest digest, byte[] bytes) {
        content.put(digest.toString(), bytes);
    }

    /** Puts content that a listing leaves out until somebody has asked for it by digest. */
    void putUnlisted(Digest digest, byte[] bytes) {
        unlisted.add(digest.toString());
        put(digest, bytes);
    }

    void name(String name, Digest target) {
        images.put(
                name,
                Image.newBuilder()
                        .setName(name)
                        .setTarget(Descriptor.newBuilder()
                                .setDigest(target.toString())
                                .setMediaType("application/vnd.oci.image.manifest.v1+json")
                                .setSize(1))
                        .build());
    }

    void tellOfImage(String topic, String name) {
        Envelope envelope = Envelope.newBuilder()
                .setNamespace("k8s.io")
                .setTopic(topic)
                .setEvent(Any.newBuilder()
                        .setTypeUrl("containerd.services.images.v1.ImageCreate")
                        .setValue(ImageEvent.newBuilder().setName(name).build().toByteString()))
                .build();
        subscribers.forEach(subscriber -> subscriber.onNext(envelope));
    }

    void stop() throws InterruptedException {
        server.shutdownNow().awaitTermination();
        threads.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }

    private static <T> void answer(StreamObserver<T> responses, T response) {
        responses.onNext(response);
        responses.onCompleted();
    }

    private final class Images extends ImagesGrpc.ImagesImplBase {
        @Override
        public void get(GetImageRequest request, StreamObserver<GetImageResponse> responses) {
            Image image = images.get(request.getName());
            if (image == null) {
                responses.onError(Status.NOT_FOUND.asRuntimeException());
            } else {
                answer(responses, GetImageResponse.newBuilder().setImage(image).build());
            }
        }

        @Override
        public void list(ListImagesRequest request, StreamObserver<ListImagesResponse> responses) {
            if (request.getFiltersCount() == 0 && !imagesFitIntoOneAnswer) {
                responses.onError(Status.RESOURCE_EXHAUSTED
                        .withDescription("trying to send message larger than max")
                        .asRuntimeException());
                return;
            }
            ListImagesResponse.Builder response = ListImagesResponse.newBuilder();
            for (Image image : images.values()) {
                String digit = image.getTarget().getDigest().substring("sha256:".length(), "sha256:".length() + 1);
                if (request.getFiltersCount() == 0
                        || request.getFilters(0).equals("target.digest~=\"^[a-z0-9]+:" + digit + "\"")) {
                    response.addImages(image);
                }
            }
            answer(responses, response.build());
        }
    }

    private final class Contents extends ContentGrpc.ContentImplBase {
        @Override
        public void info(InfoRequest request, StreamObserver<InfoResponse> responses) {
            byte[] bytes = content.get(request.getDigest());
            if (bytes == null) {
                responses.onError(Status.NOT_FOUND.asRuntimeException());
            } else {
                answer(
                        responses,
                        InfoResponse.newBuilder()
                                .setInfo(info(request.getDigest(), bytes))
                                .build());
            }
        }

        @Override
        public void list(ListContentRequest request, StreamObserver<ListContentResponse> responses) {
            ListContentResponse.Builder response = ListContentResponse.newBuilder();
            content.forEach((digest, bytes) -> {
                if (!unlisted.contains(digest)) {
                    response.addInfo(info(digest, bytes));
                }
            });
            answer(responses, response.build());
        }

        @Override
        public void read(ReadContentRequest request, StreamObserver<ReadContentResponse> responses) {
            byte[] bytes = content.get(request.getDigest());
            if (bytes == null) {
                responses.onError(Status.NOT_FOUND.asRuntimeException());
                return;
            }
            int offset = (int) request.getOffset();
            int end = reading == Reading.WHOLE ? bytes.length : bytes.length - 1;
            responses.onNext(ReadContentResponse.newBuilder()
                    .setData(ByteString.copyFrom(bytes, offset, end - offset))
                    .build());
            if (reading != Reading.STALLED) {
                responses.onCompleted();
            }
        }

        private static Info info(String digest, byte[] bytes) {
            return Info.newBuilder().setDigest(digest).setSize(bytes.length).build();
        }
    }

    private final class Events extends EventsGrpc.EventsImplBase {
        @Override
        public void subscribe(SubscribeRequest request, StreamObserver<Envelope> responses) {
            subscribers.add(responses);
        }
    }

    private static final class Introspection extends IntrospectionGrpc.IntrospectionImplBase {
        @Override
        public void plugins(PluginsRequest request, StreamObserver<PluginsResponse> responses) {
            answer(responses, PluginsResponse.getDefaultInstance());
        }
    }

    private static final class Namespaces extends NamespacesGrpc.NamespacesImplBase {
        @Override
        public void list(ListNamespacesRequest request, StreamObserver<ListNamespacesResponse> responses) {
            answer(
                    responses,
                    ListNamespacesResponse.newBuilder()
                            .addNamespaces(Namespace.newBuilder().setName("k8s.io"))
                            .build());
        }
    }

    private static final class Version extends VersionGrpc.VersionImplBase {
        @Override
        public void version(Empty request, StreamObserver<VersionResponse> responses) {
            answer(responses, VersionResponse.newBuilder().setVersion("9.9.9").build());
        }
    }
}
