package dev.spegel.routing.bootstrap;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.spegel.libp2p.identity.PeerId;
import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import dev.spegel.libp2p.multiformats.Quoted;
import dev.spegel.routing.RoutingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JSON by which nodes tell where they are: {@code [{"ID": "12D3KooW…", "Addrs": ["/ip4/10.0.0.7/tcp/5001"]}]}. A node serves
 * itself at {@code /id}; whoever answers {@link HttpBootstrap} serves one or more. {@code ID} may be missing or empty.
 */
public final class BootstrapDocument {
    private static final Logger log = LoggerFactory.getLogger(BootstrapDocument.class);

    /** As the Go implementation. */
    public static final int MAX_PEERS = 3;

    /** What serves the document, for {@code Content-Type}. */
    public static final String MEDIA_TYPE = "application/json";

    /** go-libp2p keeps 64 addresses of a peer that it isn't connected to: p2p/host/peerstore/pstoremem/addr_book.go. */
    static final int MAX_ADDRESSES = 64;

    /** Some thousand peers, of which only the first count; more isn't a list of peers. */
    static final int MAX_BYTES = 1024 * 1024;

    /** The document is 3 deep; the rest is for fields that we skip. */
    private static final int MAX_DEPTH = 16;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxDocumentLength(MAX_BYTES)
                    .maxNestingDepth(MAX_DEPTH)
                    .build())
            // Shared tables of the names seen so far would keep what strangers sent.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private BootstrapDocument() {}

    /** Writes the document in UTF-8. */
    public static byte[] write(List<BootstrapPeer> peers) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            json.writeStartArray();
            for (BootstrapPeer peer : peers) {
                json.writeStartObject();
                json.writeStringField("ID", peer.id().map(PeerId::toString).orElse(""));
                json.writeArrayFieldStart("Addrs");
                for (Multiaddr address : peer.addresses()) {
                    json.writeString(address.toString());
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory doesn't fail", e);
        }
        return out.toByteArray();
    }

    /**
     * Reads the first {@link #MAX_PEERS} peers. Of these, an address that can't be read is left out, and so is a peer without a
     * readable address or with an unreadable ID.
     *
     * @throws RoutingException if it isn't such a document, or names peers but none that can be read
     */
    public static List<BootstrapPeer> read(byte[] json) throws RoutingException {
        if (json.length > MAX_BYTES) {
            throw new RoutingException(
                    "a list of bootstrap peers has at most %d bytes, got %d".formatted(MAX_BYTES, json.length));
        }
        List<BootstrapPeer> peers = new ArrayList<>();
        int named = 0;
        try (JsonParser parser = FACTORY.createParser(json)) {
            expect(parser, parser.nextToken(), JsonToken.START_ARRAY, "an array");
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (++named > MAX_PEERS) {
                    parser.skipChildren();
                } else {
                    readPeer(parser).ifPresent(peers::add);
                }
            }
        } catch (IOException e) {
            throw new RoutingException("a list of bootstrap peers can't be read: " + firstLine(e), e);
        }
        if (named > 0 && peers.isEmpty()) {
            throw new RoutingException("none of the %d bootstrap peers that are named has an address that can be read"
                    .formatted(Math.min(named, MAX_PEERS)));
        }
        return List.copyOf(peers);
    }

    private static Optional<BootstrapPeer> readPeer(JsonParser parser) throws IOException {
        expect(parser, parser.currentToken(), JsonToken.START_OBJECT, "an object");
        String id = "";
        List<String> addresses = List.of();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            // As Go reads names of fields: in any case.
            if (name.equalsIgnoreCase("ID") && value != JsonToken.VALUE_NULL) {
                expect(parser, value, JsonToken.VALUE_STRING, "an ID");
                id = parser.getText();
            } else if (name.equalsIgnoreCase("Addrs") && value != JsonToken.VALUE_NULL) {
                addresses = texts(parser);
            } else {
                parser.skipChildren();
            }
        }
        return peer(id, addresses);
    }

    private static List<String> texts(JsonParser parser) throws IOException {
        expect(parser, parser.currentToken(), JsonToken.START_ARRAY, "an array of addresses");
        List<String> texts = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            expect(parser, parser.currentToken(), JsonToken.VALUE_STRING, "an address");
            if (texts.size() < MAX_ADDRESSES) {
                texts.add(parser.getText());
            }
        }
        return texts;
    }

    private static Optional<BootstrapPeer> peer(String idText, List<String> texts) {
        try {
            Optional<PeerId> id = idText.isEmpty() ? Optional.empty() : Optional.of(PeerId.parse(idText));
            List<Multiaddr> addresses = new ArrayList<>();
            for (String text : texts) {
                address(text, id).ifPresent(addresses::add);
            }
            return addresses.isEmpty() ? Optional.empty() : Optional.of(new BootstrapPeer(id, addresses));
        } catch (MalformedException e) {
            log.debug("A bootstrap peer is left out: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** An ID in the address must be the peer's; it doesn't stand in for one that is missing, as it doesn't with Go. */
    private static Optional<Multiaddr> address(String text, Optional<PeerId> id) {
        try {
            Multiaddr address = Multiaddr.parse(text);
            boolean another = address.peer().isPresent()
                    && id.isPresent()
                    && !address.peer().get().equals(id.get().multihash());
            return another ? Optional.empty() : address.withoutPeer();
        } catch (MalformedException e) {
            log.debug("An address of a bootstrap peer is left out: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static void expect(JsonParser parser, JsonToken got, JsonToken wanted, String named) throws IOException {
        if (got != wanted) {
            throw new IOException("%s is expected at %s"
                    .formatted(
                            named,
                            Quoted.of(parser.getParsingContext().pathAsPointer().toString())));
        }
    }

    private static String firstLine(IOException e) {
        return Quoted.of(String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
}
