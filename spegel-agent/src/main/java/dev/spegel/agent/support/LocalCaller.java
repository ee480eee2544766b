package dev.spegel.agent.support;

import dev.spegel.agent.inspect.CrossSite;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Request;

/** Tells requests that a program of this node sends, by the will of whoever runs it. */
final class LocalCaller {
    /** No name that somebody else's name server could have given this address: what a rebinding page would be asked by. */
    private static final Pattern ADDRESS_OR_LOCALHOST = Pattern.compile("localhost|[0-9.]+|\\[?[0-9a-fA-F:.]+]?");

    private LocalCaller() {}

    static boolean isBehind(Request request) {
        ConnectionMetaData connection = request.getConnectionMetaData();
        return connection.getRemoteSocketAddress() instanceof InetSocketAddress remote
                && connection.getLocalSocketAddress() instanceof InetSocketAddress local
                && isFromHere(remote.getAddress(), local.getAddress())
                && ADDRESS_OR_LOCALHOST.matcher(Request.getServerName(request)).matches()
                && !CrossSite.isBehind(request);
    }

    /** In a container, whose network is its own, that is the container. */
    static boolean isFromHere(InetAddress remote, InetAddress local) {
        return remote.isLoopbackAddress() || remote.equals(local);
    }
}
