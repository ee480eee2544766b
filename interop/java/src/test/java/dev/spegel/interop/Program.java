package dev.spegel.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** An implementation of libp2p, as a program that {@link Peer} can steer. Each is built once, when it is first wanted. */
enum Program {
    /** go-libp2p and go-libp2p-kad-dht. */
    GO {
        @Override
        void build() throws IOException, InterruptedException {
            require("go", "version");
            Command.run(
                    SOURCES.resolve("go"),
                    List.of("go", "build", "-o", goBinary().toString(), "."));
        }

        @Override
        List<String> command() {
            return List.of(goBinary().toString());
        }
    },

    /** js-libp2p and its kad-dht. */
    JS {
        @Override
        void build() throws IOException, InterruptedException {
            require("node", "--version");
            require("npm", "--version");
            // npm writes the first when it has installed what the second lists.
            Path installed = SOURCES.resolve("js/node_modules/.package-lock.json");
            Path wanted = SOURCES.resolve("js/package-lock.json");
            boolean upToDate = Files.exists(installed)
                    && Files.getLastModifiedTime(installed).compareTo(Files.getLastModifiedTime(wanted)) >= 0;
            if (!upToDate) {
                Command.run(SOURCES.resolve("js"), List.of("npm", "ci", "--no-audit", "--no-fund"));
            }
        }

        @Override
        List<String> command() {
            return List.of("node", SOURCES.resolve("js/peer.js").toString());
        }
    },

    /** Our host and DHT. */
    JAVA {
        @Override
        void build() {}

        @Override
        List<String> command() {
            return java(JavaPeer.class);
        }
    },

    /** The same with the JDK's TLS, as where Netty's native library isn't there. */
    JAVA_WITHOUT_NATIVE_TLS {
        @Override
        void build() {}

        @Override
        List<String> command() {
            return java(JavaPeer.class, "-Dio.netty.handler.ssl.noOpenSsl=true");
        }
    },

    /** Our router. */
    ROUTER {
        @Override
        void build() {}

        @Override
        List<String> command() {
            return java(RouterPeer.class);
        }
    };

    private static final Path SOURCES = Path.of("..").toAbsolutePath().normalize();
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final Set<Program> BUILT = EnumSet.noneOf(Program.class);

    abstract void build() throws IOException, InterruptedException;

    abstract List<String> command();

    /** How to start it in a namespace. */
    List<String> command(Network.Machine machine, List<String> flags) throws IOException, InterruptedException {
        synchronized (BUILT) {
            if (!BUILT.contains(this)) {
                build();
                BUILT.add(this);
            }
        }
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", machine.namespace()));
        command.addAll(command());
        command.addAll(flags);
        return command;
    }

    private static List<String> java(Class<?> program, String... options) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // What a small node gets by with, and starts quickly with.
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        return command;
    }

    private static Path goBinary() {
        return TARGET.resolve("go-peer");
    }

    private static void require(String program, String versionFlag) throws InterruptedException {
        try {
            Command.run(program, versionFlag);
        } catch (IOException e) {
            throw new IllegalStateException("the interoperability tests need " + program + " on the PATH", e);
        }
    }
}
