package dev.spegel.registry;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The head of a peer's answer, parsed strictly. */
@NullMarked
@State(Scope.Thread)
public class HeadBenchmark {
    private final ByteBuffer answer = ByteBuffer.wrap("""
            HTTP/1.1 206 Partial Content\r
            Content-Type: application/vnd.oci.image.layer.v1.tar+gzip\r
            Docker-Content-Digest: sha256:6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b\r
            Content-Range: bytes 1048576-2097151/31457280\r
            Content-Length: 1048576\r
            Accept-Ranges: bytes\r
            Spegel-Served-By: local\r
            \r
            """.getBytes(US_ASCII));

    @Benchmark
    public boolean parse() {
        HttpAnswer.Head head = new HttpAnswer.Head();
        HttpAnswer.parse(HttpAnswer.parser(head, false), answer.duplicate(), head);
        return head.isComplete();
    }
}
