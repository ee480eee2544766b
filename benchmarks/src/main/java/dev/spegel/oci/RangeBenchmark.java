package dev.spegel.oci;

import java.util.Optional;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a request's headers and path have to be parsed for. */
@NullMarked
@State(Scope.Thread)
public class RangeBenchmark {
    private String range = "bytes=1048576-2097151";
    private String contentRange = "bytes 1048576-2097151/31457280";
    private String path =
            "/v2/library/nginx/blobs/sha256:6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b";

    @Benchmark
    public Optional<ByteRange> range() {
        return RangeSpec.parse(range).flatMap(spec -> spec.within(31_457_280));
    }

    @Benchmark
    public ContentRange contentRange() {
        return ContentRange.parse(contentRange);
    }

    @Benchmark
    public RegistryPath path() {
        return RegistryPath.parse(path, "docker.io");
    }
}
