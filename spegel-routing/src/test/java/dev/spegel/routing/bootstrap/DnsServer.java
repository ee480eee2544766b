package dev.spegel.routing.bootstrap;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A DNS server on loopback that knows a few names: RFC 1035, over UDP. */
final class DnsServer implements AutoCloseable {
    private static final int A = 1;
    private static final int AAAA = 28;
    private static final int NAME_ERROR = 3;
    private static final int HEADER_BYTES = 12;

    private final DatagramSocket socket;
    private final Thread thread;
    private final Map<String, List<InetAddress>> names = new ConcurrentHashMap<>();
    private final AtomicInteger questions = new AtomicInteger();
    private volatile boolean silent;

    DnsServer() throws IOException {
        socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        thread = new Thread(this::serve, "dns-server");
        thread.start();
    }

    String url() {
        return "dns://127.0.0.1:" + socket.getLocalPort();
    }

    void set(String name, String... addresses) throws IOException {
        List<InetAddress> records = new ArrayList<>();
        for (String address : addresses) {
            records.add(InetAddress.getByName(address));
        }
        names.put(name, records);
    }

    /** Takes questions and answers none. */
    void fallSilent() {
        silent = true;
    }

    int questions() {
        return questions.get();
    }

    private void serve() {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        while (true) {
            try {
                packet.setLength(512);
                socket.receive(packet);
                questions.incrementAndGet();
                if (!silent) {
                    byte[] answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()));
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (SocketException e) {
                return; // closed
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private byte[] answer(byte[] asked) {
        ByteBuffer question = ByteBuffer.wrap(asked);
        short id = question.getShort(0);
        StringBuilder name = new StringBuilder();
        question.position(HEADER_BYTES);
        for (int length = question.get(); length > 0; length = question.get()) {
            for (int i = 0; i < length; i++) {
                name.append((char) question.get());
            }
            name.append('.');
        }
        int type = question.getShort();
        int end = question.position() + 2;
        List<InetAddress> known = names.get(name.toString());
        List<InetAddress> records = known == null
                ? List.of()
                : known.stream()
                        .filter(address -> address.getAddress().length == (type == A ? 4 : type == AAAA ? 16 : 0))
                        .toList();
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES)
                .putShort(id)
                .putShort((short) (0x8580 | (known == null ? NAME_ERROR : 0)))
                .putShort((short) 1)
                .putShort((short) records.size())
                .putInt(0);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(header.array());
        out.write(asked, HEADER_BYTES, end - HEADER_BYTES);
        for (InetAddress record : records) {
            byte[] address = record.getAddress();
            out.writeBytes(ByteBuffer.allocate(12 + address.length)
                    .putShort((short) 0xc00c) // the name of the question
                    .putShort((short) type)
                    .putShort((short) 1)
                    .putInt(5)
                    .putShort((short) address.length)
                    .put(address)
                    .array());
        }
        return out.toByteArray();
    }

    @Override
    public void close() {
        socket.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
