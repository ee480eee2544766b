package dev.spegel.agent;

import dev.spegel.agent.doctor.Doctor;
import dev.spegel.agent.doctor.DoctorSettings;
import dev.spegel.agent.inspect.ActivityView;
import dev.spegel.agent.inspect.NetworkView;
import dev.spegel.agent.inspect.NodeView;
import dev.spegel.agent.pull.MirrorTls;
import dev.spegel.agent.pull.PullClient;
import dev.spegel.agent.pull.PullLimits;
import dev.spegel.agent.web.BegunApiHandler;
import dev.spegel.agent.web.DebugPageHandler;
import dev.spegel.agent.web.Examinations;
import dev.spegel.agent.web.Measurements;
import dev.spegel.containerd.ContainerdConfig;
import dev.spegel.routing.PeerAddress;
import dev.spegel.routing.tls.ReloadedTls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.server.Handler;

/** The debug page of an agent, with what it needs besides the views: somebody who measures, and somebody who examines. */
final class DebugPage implements AutoCloseable {
    /** A doctor's own, and one for each of its questions. */
    private static final int DOCTORS_THREADS = 8;

    /** Where {@code spegel doctor} looks too, unless told otherwise. */
    private static final Path CONTAINERD_CONFIG = Path.of("/etc/containerd/config.toml");

    private static final Path REGISTRY_CONFIG = Path.of("/etc/containerd/certs.d");

    private final Handler handler;
    private final Measurements measurements;

    /**
     * Its threads are among the parts from now on.
     *
     * @param tls of the registry
     */
    DebugPage(
            AgentConfig config,
            Optional<ReloadedTls> tls,
            Listeners listeners,
            Parts parts,
            NetworkView network,
            NodeView node,
            ActivityView activity) {
        Workers measuring = parts.add("measuring thread", Workers.forLastingTasks("measure", 1));
        Workers examining = parts.add("doctor's threads", Workers.forLastingTasks("doctor", DOCTORS_THREADS));
        URI mirror = URI.create((tls.isPresent() ? "https://" : "http://") + near(listeners.registryAddress()));
        measurements = new Measurements(
                () -> new PullClient(
                        mirror,
                        config.registry().credentials(),
                        tls.map(loaded -> MirrorTls.of(toItself(loaded), loaded.get())),
                        PullLimits.DEFAULTS),
                measuring.executor(),
                System::nanoTime);
        Doctor doctor = new Doctor(
                new DoctorSettings(
                        config.store() instanceof StoreConfig.Containerd containerd
                                ? containerd.config().socket()
                                : ContainerdConfig.DEFAULTS.socket(),
                        CONTAINERD_CONFIG,
                        REGISTRY_CONFIG,
                        near(listeners.metricsAddress()),
                        config.registry().credentials(),
                        tls.map(loaded -> () -> toItself(loaded))),
                examining.executor());
        Examinations examinations = new Examinations(doctor, examining.executor(), System::nanoTime);
        handler = new Handler.Sequence(
                new DebugPageHandler(network, node, activity, measurements, examinations),
                new BegunApiHandler(measurements, examinations));
    }

    /** Of the certificate that is in use at this moment. */
    private static SSLContext toItself(ReloadedTls tls) {
        try {
            return tls.toItself();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Handler handler() {
        return handler;
    }

    /** An address at which this process reaches itself: who listens everywhere does so on loopback too. */
    private static PeerAddress near(InetSocketAddress listening) {
        InetAddress address = listening.getAddress();
        return new PeerAddress(
                address.isAnyLocalAddress() ? "127.0.0.1" : address.getHostAddress(), listening.getPort());
    }

    /** Ends a measurement that runs: it would keep the registry from stopping. */
    @Override
    public void close() {
        measurements.cancel();
    }
}
