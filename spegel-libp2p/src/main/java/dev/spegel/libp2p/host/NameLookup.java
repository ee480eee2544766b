package dev.spegel.libp2p.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Looks up the addresses of names without holding up the caller. */
interface NameLookup {
    /** Fails with what the platform's resolver says. Completes on any thread. */
    CompletableFuture<List<InetAddress>> addressesOf(String name);

    /** The platform's resolver, on threads that may block. */
    static NameLookup on(Executor blocking) {
        return name -> {
            try {
                return CompletableFuture.supplyAsync(() -> resolve(name), blocking);
            } catch (RejectedExecutionException e) {
                return CompletableFuture.failedFuture(new IOException("too many names wait to be looked up", e));
            }
        };
    }

    private static List<InetAddress> resolve(String name) {
        try {
            return List.of(InetAddress.getAllByName(name));
        } catch (UnknownHostException e) {
            throw new CompletionException(e);
        }
    }
}
