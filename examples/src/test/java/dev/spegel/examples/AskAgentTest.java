package dev.spegel.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.agent.Agent;
import dev.spegel.agent.AgentConfig;
import dev.spegel.agent.RouterConfig;
import dev.spegel.agent.StoreConfig;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Reference;
import dev.spegel.oci.store.GeneratedImage;
import dev.spegel.oci.store.OciLayoutWriter;
import dev.spegel.registry.RegistryConfig;
import dev.spegel.routing.PeerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AskAgentTest {
    private static final Reference IMAGE = Reference.parse("registry.example/demo/app:1.0");

    @Test
    void theProgramAsksARunningAgent(@TempDir Path layout) throws Exception {
        Descriptor image;
        try (OciLayoutWriter writer = OciLayoutWriter.open(layout)) {
            image = GeneratedImage.of(1, 2, 10_000).writeTo(writer);
            writer.name(IMAGE, image);
            writer.commit();
        }
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        AgentConfig config = new AgentConfig(
                anyPort,
                anyPort,
                new StoreConfig.OciLayout(layout),
                new RouterConfig.StaticPeers(List.of(new PeerAddress("127.0.0.1", 1))),
                RegistryConfig.DEFAULTS,
                Duration.ofSeconds(1));
        try (Agent agent = Agent.start(config)) {
            String registry = uri(agent.registryAddress());
            String metrics = uri(agent.metricsAddress());
            assertThat(StandardOut.during(() ->
                            AskAgent.main(new String[] {registry, metrics, "registry.example", "demo/app", "1.0"})))
                    .contains(image.digest().toString())
                    .contains("\"key\" : \"registry.example/demo/app:1.0\"");
            assertThatThrownBy(() ->
                            AskAgent.main(new String[] {registry, metrics, "registry.example", "demo/app", "2.0"}))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no node has registry.example/demo/app:2.0");
        }
    }

    private static String uri(InetSocketAddress address) {
        return URI.create("http://127.0.0.1:" + address.getPort() + "/").toString();
    }
}
