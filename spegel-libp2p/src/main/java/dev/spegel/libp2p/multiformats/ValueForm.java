package dev.spegel.libp2p.multiformats;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;

/** How the value of a multiaddr's component looks in bytes and in text: multiformats/multiaddr, protocols. */
enum ValueForm {
    NONE(0) {
        @Override
        byte[] parse(String text) {
            throw new AssertionError("has no value");
        }

        @Override
        String format(byte[] bytes) {
            return "";
        }
    },
    IP4(IpText.V4_LENGTH) {
        @Override
        byte[] parse(String text) {
            return IpText.parseV4(text);
        }

        @Override
        String format(byte[] bytes) {
            return IpText.formatV4(bytes);
        }
    },
    IP6(IpText.V6_LENGTH) {
        @Override
        byte[] parse(String text) {
            return IpText.parseV6(text);
        }

        @Override
        String format(byte[] bytes) {
            return IpText.formatV6(bytes);
        }
    },
    PORT(2) {
        @Override
        byte[] parse(String text) {
            int port = parseNumber(text, 0xffff, "a port");
            return new byte[] {(byte) (port >> 8), (byte) port};
        }

        @Override
        String format(byte[] bytes) {
            return String.valueOf((bytes[0] & 0xff) << 8 | (bytes[1] & 0xff));
        }
    },
    PREFIX_LENGTH(1) {
        @Override
        byte[] parse(String text) {
            return new byte[] {(byte) parseNumber(text, 0xff, "a prefix length")};
        }

        @Override
        String format(byte[] bytes) {
            return String.valueOf(bytes[0] & 0xff);
        }
    },
    NUMBER(8) {
        @Override
        byte[] parse(String text) {
            try {
                if (DECIMAL.matcher(text).matches()) {
                    return ByteBuffer.allocate(Long.BYTES)
                            .putLong(Long.parseUnsignedLong(text))
                            .array();
                }
            } catch (NumberFormatException e) {
                throw new MalformedException("a number here has 64 bits, got " + Quoted.of(text), e);
            }
            throw new MalformedException("a number here is decimal, got " + Quoted.of(text));
        }

        @Override
        String format(byte[] bytes) {
            return Long.toUnsignedString(ByteBuffer.wrap(bytes).getLong());
        }
    },
    /** UTF-8 that is one segment of the address. */
    NAME {
        @Override
        byte[] parse(String text) {
            return bytesOf(text);
        }

        @Override
        String format(byte[] bytes) {
            String text = utf8(bytes);
            if (text.indexOf('/') >= 0) {
                throw new MalformedException("a name in an address has no slash, got " + Quoted.of(text));
            }
            return text;
        }
    },
    /** UTF-8 that takes up the rest of the address, slashes included. */
    PATH {
        @Override
        byte[] parse(String text) {
            return bytesOf(text);
        }

        @Override
        String format(byte[] bytes) {
            String text = utf8(bytes);
            if (text.length() < 2 || text.charAt(0) != '/' || text.endsWith("/")) {
                throw new MalformedException(
                        "a path in an address starts with a slash and doesn't end in one, got " + Quoted.of(text));
            }
            return text;
        }
    },
    /** Bytes whose text has all but RFC 3986's unreserved characters percent-encoded. */
    ESCAPED {
        @Override
        byte[] parse(String text) {
            return PercentText.decode(text);
        }

        @Override
        String format(byte[] bytes) {
            return PercentText.encode(bytes);
        }
    },
    /** A peer ID: in text base58btc, or a CID of codec {@code libp2p-key}. */
    PEER {
        @Override
        byte[] parse(String text) {
            return PeerIdText.parse(text).toBytes();
        }

        @Override
        String format(byte[] bytes) {
            return PeerIdText.requirePeerId(Multihash.fromBytes(bytes)).toString();
        }
    },
    CERT_HASH {
        @Override
        byte[] parse(String text) {
            return Multibase.decodePrefixed(text);
        }

        @Override
        String format(byte[] bytes) {
            return Multibase.BASE64URL.encodePrefixed(Multihash.fromBytes(bytes).toBytes());
        }
    },
    ONION(12) {
        @Override
        byte[] parse(String text) {
            return parseOnion(text);
        }

        @Override
        String format(byte[] bytes) {
            return formatOnion(bytes);
        }
    },
    ONION3(37) {
        @Override
        byte[] parse(String text) {
            return parseOnion(text);
        }

        @Override
        String format(byte[] bytes) {
            return formatOnion(bytes);
        }
    },
    /** An I2P destination, in I2P's own variant of base 64. */
    GARLIC64 {
        /** The keys and certificate of the shortest destination: I2P common structures, Destination. */
        private static final int MIN_LENGTH = 386;

        @Override
        byte[] parse(String text) {
            if (text.indexOf('+') >= 0) {
                throw new MalformedException("I2P writes - for +, got " + Quoted.of(text));
            }
            try {
                return Base64.getDecoder().decode(text.replace('-', '+').replace('~', '/'));
            } catch (IllegalArgumentException e) {
                throw new MalformedException("an I2P destination is in base 64, got " + Quoted.of(text), e);
            }
        }

        @Override
        String format(byte[] bytes) {
            if (bytes.length < MIN_LENGTH) {
                throw new MalformedException(
                        "an I2P destination has at least %d bytes, got %d".formatted(MIN_LENGTH, bytes.length));
            }
            return Base64.getEncoder().encodeToString(bytes).replace('+', '-').replace('/', '~');
        }
    },
    /** An I2P address: SHA-256, or 35 bytes and more for an encrypted one. */
    GARLIC32 {
        @Override
        byte[] parse(String text) {
            return Multibase.BASE32.decode(text);
        }

        @Override
        String format(byte[] bytes) {
            if (bytes.length != 32 && bytes.length < 35) {
                throw new MalformedException("an I2P address has 32, or 35 or more bytes, got " + bytes.length);
            }
            return Multibase.BASE32.encode(bytes);
        }
    };

    /** Marks a form whose bytes are preceded by their length. */
    static final int VARIABLE = -1;

    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,20}");

    /** The value's length, or {@link #VARIABLE}. */
    private final int length;

    /** A form of variable length. */
    ValueForm() {
        this(VARIABLE);
    }

    ValueForm(int length) {
        this.length = length;
    }

    int length() {
        return length;
    }

    /** Whether any bytes of the right length will do. */
    boolean takesAnyBytes() {
        return switch (this) {
            case NONE, IP4, IP6, PORT, PREFIX_LENGTH, NUMBER -> true;
            default -> false;
        };
    }

    /** Reads the text; whether the bytes are any good only {@link #format} tells. */
    abstract byte[] parse(String text);

    /** The one text of bytes of the right length; throws {@link MalformedException} if the form forbids them. */
    abstract String format(byte[] bytes);

    private static int parseNumber(String text, int max, String what) {
        int number = text.length() <= 5 && DECIMAL.matcher(text).matches() ? Integer.parseInt(text) : -1;
        if (number < 0 || number > max) {
            throw new MalformedException("%s is a number to %d, got %s".formatted(what, max, Quoted.of(text)));
        }
        return number;
    }

    private static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("a name in an address is UTF-8, got " + Quoted.of(bytes), e);
        }
    }

    private static byte[] bytesOf(String text) {
        try {
            ByteBuffer out = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[out.remaining()];
            out.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new MalformedException("a name in an address is Unicode, got " + Quoted.of(text), e);
        }
    }

    private static byte[] parseOnion(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new MalformedException("an onion address is name:port, got " + Quoted.of(text));
        }
        byte[] name = Multibase.BASE32.decode(text.substring(0, colon));
        byte[] port = PORT.parse(text.substring(colon + 1));
        return ByteBuffer.allocate(name.length + port.length)
                .put(name)
                .put(port)
                .array();
    }

    private static String formatOnion(byte[] bytes) {
        int port = bytes.length - 2;
        ByteBuffer in = ByteBuffer.wrap(bytes);
        byte[] name = new byte[port];
        in.get(name);
        byte[] portBytes = new byte[2];
        in.get(portBytes);
        if (portBytes[0] == 0 && portBytes[1] == 0) {
            throw new MalformedException("an onion address's port isn't 0");
        }
        return Multibase.BASE32.encode(name) + ":" + PORT.format(portBytes);
    }
}
