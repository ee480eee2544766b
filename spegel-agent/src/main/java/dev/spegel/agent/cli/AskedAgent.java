package dev.spegel.agent.cli;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.AgentAbsentException;
import dev.spegel.agent.inspect.AgentView;
import dev.spegel.agent.inspect.StatusReport;
import dev.spegel.routing.PeerAddress;
import java.io.IOException;
import java.net.InetAddress;

/**
 * The running agent that a command asks.
 *
 * @param address where its metrics are
 */
record AskedAgent(PeerAddress address) {
    static final Flag AGENT_ADDR = Flag.one(
                    "--agent-addr", "ADDR", "The agent to ask: where its --metrics-addr can be reached from here.")
            .withDefault("127.0.0.1:9090");

    AskedAgent {
        requireNonNull(address, "address");
    }

    /** Notes a problem with the flag; then what is returned is of no use. */
    static AskedAgent read(Settings settings) {
        return new AskedAgent(settings.value(AGENT_ADDR, PeerAddress::parse));
    }

    /** What is asked. */
    interface Question<T> {
        T ask(AgentView agent) throws IOException, InterruptedException;
    }

    /** @throws IOException with what to do about it, if there is no agent */
    <T> T ask(Question<T> question) throws IOException, InterruptedException {
        try {
            return question.ask(new AgentView(address));
        } catch (AgentAbsentException e) {
            throw new IOException(
                    "%s; start an agent with 'spegel registry', or say where one has its --metrics-addr with %s or %s"
                            .formatted(e.getMessage(), AGENT_ADDR.name(), AGENT_ADDR.variable()),
                    e);
        }
    }

    /** Its registry: who listens everywhere is at least where it was just asked. */
    AskedRegistry registry() throws IOException, InterruptedException {
        StatusReport status = ask(AgentView::status);
        PeerAddress registry = PeerAddress.parse(status.registry());
        return new AskedRegistry(
                InetAddress.getByName(registry.host()).isAnyLocalAddress()
                        ? new PeerAddress(address.host(), registry.port())
                        : registry,
                status.tls());
    }

    /** For people. */
    String sentence() {
        return "Asked the agent at " + address;
    }
}
