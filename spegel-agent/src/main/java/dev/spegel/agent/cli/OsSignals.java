package dev.spegel.agent.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/**
 * Turns SIGTERM, SIGINT and SIGHUP into a {@link StopSignal}. A second one ends the process at once.
 *
 * <p>A shutdown hook can't do this: the process would end with 128 and the signal's number although it stopped in order, and a
 * second signal would be ignored. {@code sun.misc.Signal} (module {@code jdk.unsupported}, which JEP 260 keeps) is the only other
 * way; it is called by reflection because the compiler's warning about it can't be suppressed in source.
 */
final class OsSignals {
    /** signal(7): what {@code kill} and container runtimes send, what Ctrl-C sends, what a closed terminal sends. */
    private static final List<String> NAMES = List.of("TERM", "INT", "HUP");

    private OsSignals() {}

    /** @throws IllegalStateException if the runtime doesn't let a program handle signals, as with {@code -Xrs} */
    static void handleWith(StopSignal stop) {
        AtomicBoolean seen = new AtomicBoolean();
        for (String name : NAMES) {
            handle(name, number -> {
                if (seen.getAndSet(true)) {
                    Runtime.getRuntime().halt(128 + number);
                }
                stop.stop();
            });
        }
    }

    private static void handle(String name, IntConsumer action) {
        try {
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object signal = signalType.getConstructor(String.class).newInstance(name);
            int number = (Integer) signalType.getMethod("getNumber").invoke(signal);
            InvocationHandler handler = (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                    action.accept(number);
                    return null;
                }
                return method.invoke(action, arguments); // hashCode, equals, toString
            };
            Object proxy =
                    Proxy.newProxyInstance(OsSignals.class.getClassLoader(), new Class<?>[] {handlerType}, handler);
            signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, proxy);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("handle signal SIG" + name, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("handle signal SIG" + name, e);
        }
    }
}
