package dev.spegel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.StoredMediaType;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.StoreWatch;
import dev.spegel.oci.store.StoredImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that come from files, around the sizes where the way of sending them changes. */
class FileServingTest {
    private static final int LARGE_BYTES = 9 * 1024 * 1024 + 5;

    @TempDir
    private Path directory = Path.of("");

    private final Map<Digest, Path> files = new HashMap<>();
    private TestRegistry registry;
    private RawHttp client;

    @BeforeEach
    void start() throws Exception {
        registry = new TestRegistry(RegistryConfig.DEFAULTS, new FileStore(), new OrderedRouter());
        client = registry.client();
    }

    @AfterEach
    void stop() {
        registry.close();
        assertThat(registry.meters
                        .get("spegel.transfer.buffers.available")
                        .gauge()
                        .value())
                .as("buffers that came back")
                .isEqualTo(TransferConfig.DEFAULTS.maxBuffers());
    }

    private byte[] add(int sizeBytes) throws IOException {
        byte[] content = new byte[sizeBytes];
        new Random(sizeBytes).nextBytes(content);
        Digest digest = Digest.ofSha256(content);
        files.put(digest, Files.write(directory.resolve(digest.encoded()), content));
        return content;
    }

    private static String path(byte[] content) {
        return "/v2/any/blobs/" + Digest.ofSha256(content);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 131_071, 131_072, 131_073, 163_840, 4_194_304, 4_194_305, 4_227_073, LARGE_BYTES})
    void everySizeArrivesWholeAndTheConnectionGoesOn(int sizeBytes) throws IOException {
        byte[] content = add(sizeBytes);
        try (Socket socket = client.open()) {
            for (int i = 0; i < 3; i++) {
                socket.getOutputStream().write(request(content, ""));
                RawHttp.Answer answer = RawHttp.read(socket, false);
                assertThat(answer.status()).isEqualTo(200);
                assertThat(Arrays.equals(answer.body(), content)).isTrue();
            }
        }
        // Counted after the client has the last byte.
        await().untilAsserted(() -> assertThat(
                        registry.meters.get("http.response.size").summary().totalAmount())
                .isEqualTo(3.0 * sizeBytes));
        assertThat(registry.count("spegel.transfer.bytes", "source", "store", "direction", "to_client"))
                .isEqualTo(3.0 * sizeBytes);
    }

    @Test
    void smallestBuffersAreEnough() throws Exception {
        byte[] content = add(LARGE_BYTES);
        TransferConfig smallest = new TransferConfig(4096, 1, Duration.ofSeconds(30));
        try (TestRegistry small = new TestRegistry(
                RegistryConfig.DEFAULTS.withTransfer(smallest), new FileStore(), new OrderedRouter())) {
            assertThat(Arrays.equals(small.client().get(path(content)).body(), content))
                    .isTrue();
        }
    }

    @Test
    void rangesOfALargeFileArrive() throws IOException {
        byte[] content = add(LARGE_BYTES);
        for (int first : new int[] {0, 1, 4_000_000, LARGE_BYTES - 200_000, LARGE_BYTES - 1}) {
            RawHttp.Answer answer = client.get(path(content), "Range: bytes=" + first + "-");
            assertThat(answer.status()).isEqualTo(206);
            assertThat(Arrays.equals(answer.body(), Arrays.copyOfRange(content, first, LARGE_BYTES)))
                    .isTrue();
        }
        RawHttp.Answer middle = client.get(path(content), "Range: bytes=1000000-5999999");
        assertThat(Arrays.equals(middle.body(), Arrays.copyOfRange(content, 1_000_000, 6_000_000)))
                .isTrue();
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws IOException {
        byte[] large = add(LARGE_BYTES);
        byte[] small = add(1000);
        try (Socket socket = client.open()) {
            socket.getOutputStream().write(request(large, ""));
            socket.getOutputStream().write(request(small, ""));
            socket.getOutputStream().write(request(large, "Range: bytes=5-\r\n"));
            assertThat(Arrays.equals(RawHttp.read(socket, false).body(), large)).isTrue();
            assertThat(RawHttp.read(socket, false).body()).isEqualTo(small);
            assertThat(RawHttp.read(socket, false).body()).hasSize(LARGE_BYTES - 5);
        }
    }

    @Test
    void http10ClientGetsTheFileToo() throws IOException {
        byte[] content = add(LARGE_BYTES);
        RawHttp.Answer answer = client.exchange("GET " + path(content) + " HTTP/1.0\r\n\r\n", false);
        assertThat(Arrays.equals(answer.body(), content)).isTrue();
    }

    @Test
    void fileThatGetsShorterEndsInOrderAndShort() throws IOException {
        byte[] content = add(64 * 1024 * 1024);
        Path file = files.get(Digest.ofSha256(content));
        try (Socket socket = client.open()) {
            socket.setReceiveBufferSize(64 * 1024);
            socket.getOutputStream().write(request(content, ""));
            InputStream in = socket.getInputStream();
            in.readNBytes(1000); // it has begun, and can't go on before we read more
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(40 * 1024 * 1024);
            }
            long received = 1000 + in.transferTo(OutputStream.nullOutputStream()); // no reset
            assertThat(received).isLessThan(content.length);
        }
    }

    @Test
    void clientThatHangsUpEarlyHarmsNobody() throws IOException {
        byte[] content = add(LARGE_BYTES);
        for (int i = 0; i < 20; i++) {
            try (Socket socket = client.open()) {
                socket.getOutputStream().write(request(content, "Range: bytes=0-\r\n"));
                socket.getInputStream().readNBytes(10_000);
            }
        }
        assertThat(Arrays.equals(client.get(path(content)).body(), content)).isTrue();
    }

    @Test
    void handlerThatChangesTheBodyOnItsWayStillGetsIt() throws Exception {
        byte[] content = add(LARGE_BYTES);
        try (TestRegistry wrapped =
                new TestRegistry(new FileStore(), new OrderedRouter(), RegistryConfig.DEFAULTS, InvertsBodies::new)) {
            byte[] body = wrapped.client().get(path(content)).body();
            for (int i = 0; i < body.length; i++) {
                body[i] = (byte) ~body[i];
            }
            assertThat(Arrays.equals(body, content)).isTrue();
        }
    }

    private static byte[] request(byte[] content, String headers) {
        return ("GET " + path(content) + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** As a compressing handler would, but easier to undo. */
    private static final class InvertsBodies extends Handler.Wrapper {
        InvertsBodies(Handler handler) {
            super(handler);
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            return super.handle(
                    request,
                    new Response.Wrapper(request, response) {
                        @Override
                        public void write(boolean last, ByteBuffer content, Callback done) {
                            ByteBuffer inverted = ByteBuffer.allocate(content.remaining());
                            while (content.hasRemaining()) {
                                inverted.put((byte) ~content.get());
                            }
                            super.write(last, inverted.flip(), done);
                        }
                    },
                    callback);
        }
    }

    /** The blobs that are files in the test's directory. */
    private final class FileStore implements ContentStore {
        @Override
        public Optional<Digest> resolve(TagReference tag) {
            return Optional.empty();
        }

        @Override
        public Optional<Descriptor> describe(Digest digest) {
            return Optional.ofNullable(files.get(digest))
                    .map(file -> Descriptor.of(MediaType.OCTET_STREAM, digest, StoredMediaType.MAX_DOCUMENT_BYTES));
        }

        @Override
        public Optional<SeekableByteChannel> open(Digest digest) {
            try {
                return Optional.of(FileChannel.open(files.get(digest)));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public List<StoredImage> images() {
            return List.of();
        }

        @Override
        public StoreWatch watch() {
            throw new UnsupportedOperationException("nobody watches here");
        }

        @Override
        public void close() {}
    }
}
