package dev.spegel.routing.bootstrap;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks DNS for the addresses of a name, without any cache, search domain or hosts file. Blocks, for {@link #MAX_MILLIS} at most. */
final class DnsQuery {
    private static final Logger log = LoggerFactory.getLogger(DnsQuery.class);

    /** Asks the servers that the operating system names. */
    static final DnsQuery OF_THIS_MACHINE = new DnsQuery("dns:");

    /** The first try; each further one waits for twice as long (com.sun.jndi.dns.timeout.initial). */
    private static final int FIRST_TRY_MILLIS = 500;

    /** 0.5 + 1 + 2 s for each of two record types: a server that's up answers the first, or the second if a packet is lost. */
    private static final int TRIES = 3;

    /** With one server. */
    static final int MAX_MILLIS = 2 * FIRST_TRY_MILLIS * ((1 << TRIES) - 1);

    private final String servers;

    /** @param servers as a URL: {@code dns:} or {@code dns://<host>:<port>} */
    DnsQuery(String servers) {
        this.servers = requireNonNull(servers, "servers");
    }

    /** The A and the AAAA records; empty if there are none or they can't be had. */
    List<InetAddress> addresses(String name) {
        List<InetAddress> addresses = new ArrayList<>();
        // One record type after the other, as a server that fails for one may know the other.
        for (String type : List.of("A", "AAAA")) {
            try {
                addresses.addAll(records(name.endsWith(".") ? name : name + ".", type));
            } catch (NamingException e) {
                log.debug("DNS gives no {} records of {}: {}", type, name, e.toString());
            }
        }
        return addresses;
    }

    // The DNS provider gives address records as text and nothing else; no object is made of what a server says.
    // JNDI wants a Hashtable.
    @SuppressWarnings({"BanJNDI", "JdkObsolete"})
    private List<InetAddress> records(String name, String type) throws NamingException {
        Hashtable<String, String> settings = new Hashtable<>();
        settings.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
        settings.put(Context.PROVIDER_URL, servers);
        settings.put("com.sun.jndi.dns.timeout.initial", Integer.toString(FIRST_TRY_MILLIS));
        settings.put("com.sun.jndi.dns.timeout.retries", Integer.toString(TRIES));
        List<InetAddress> addresses = new ArrayList<>();
        DirContext context = new InitialDirContext(settings);
        try {
            Attribute records = context.getAttributes(name, new String[] {type}).get(type);
            if (records == null) {
                return addresses;
            }
            NamingEnumeration<?> values = records.getAll();
            while (values.hasMore()) {
                addresses.add(literal((String) values.next()));
            }
            return addresses;
        } finally {
            context.close();
        }
    }

    private static InetAddress literal(String address) {
        try {
            return InetAddress.getByName(address); // an address in text: nothing is looked up
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address record holds an address, got " + address, e);
        }
    }
}
