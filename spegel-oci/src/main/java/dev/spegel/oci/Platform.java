package dev.spegel.oci;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The machine that an image runs on: OCI image-spec v1.1.1, image-index.md, property {@code platform}. The names are Go's
 * ({@code GOOS} and {@code GOARCH}).
 *
 * <p>Values are kept as they were written; {@link #matches} knows what else means the same.
 */
public record Platform(
        String os, String architecture, Optional<String> variant, Optional<String> osVersion, List<String> osFeatures) {
    private static final Pattern COMPONENT = Pattern.compile("[A-Za-z0-9_.-]{1,128}");
    /** A variant that is a level: Arm's and x86-64's. */
    private static final Pattern LEVEL = Pattern.compile("v([0-9])(?:\\.([0-9]))?");

    /** @throws OciSyntaxException if a component has other characters than letters, digits, '_', '.' and '-' */
    public Platform {
        requireComponent(os);
        requireComponent(architecture);
        variant.ifPresent(Platform::requireComponent);
        osVersion.ifPresent(Platform::requireComponent);
        osFeatures = List.copyOf(osFeatures);
        osFeatures.forEach(Platform::requireComponent);
    }

    /** One without a variant. */
    public static Platform of(String os, String architecture) {
        return new Platform(os, architecture, Optional.empty(), Optional.empty(), List.of());
    }

    /**
     * Reads {@code os/architecture} or {@code os/architecture/variant}.
     *
     * @throws OciSyntaxException if the text has another form
     */
    public static Platform parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw new OciSyntaxException(
                    ErrorCode.MANIFEST_INVALID, "a platform is os/architecture[/variant], got " + Quoted.of(text));
        }
        Optional<String> variant = parts.length == 3 ? Optional.of(parts[2]) : Optional.empty();
        return new Platform(parts[0], parts[1], variant, Optional.empty(), List.of());
    }

    /** The platform that this program runs on, as the Java runtime tells it. */
    public static Platform current() {
        return ofJava(System.getProperty("os.name", "unknown"), System.getProperty("os.arch", "unknown"));
    }

    /** Puts the names of Java's system properties {@code os.name} and {@code os.arch} in Go's words. */
    static Platform ofJava(String osName, String osArch) {
        String name = osName.toLowerCase(Locale.ROOT);
        String os = name.startsWith("windows") ? "windows" : name.startsWith("mac") ? "darwin" : name.replace(' ', '-');
        return of(os, osArch.toLowerCase(Locale.ROOT)).normalised();
    }

    /**
     * Whether an image for the given platform runs on this one: the same system, architecture and variant, whichever of their names
     * are used; the same version of the system, if both tell (for Windows, {@code 10.0.17763} includes {@code 10.0.17763.1040});
     * and no feature that this one lacks. Not symmetric for the last two.
     */
    public boolean matches(Platform image) {
        Platform ours = normalised();
        Platform theirs = image.normalised();
        return ours.os.equals(theirs.os)
                && ours.architecture.equals(theirs.architecture)
                && ours.variant.equals(theirs.variant)
                && versionIncludes(image)
                && osFeatures.containsAll(image.osFeatures);
    }

    /**
     * The usual name for each part, as containerd chooses it: {@code x86_64} is {@code amd64}, {@code aarch64} and {@code
     * arm64/v8} are {@code arm64}, and {@code arm} alone is {@code arm/v7}.
     */
    public Platform normalised() {
        String usualOs = os.toLowerCase(Locale.ROOT);
        String machine = architecture.toLowerCase(Locale.ROOT);
        String level = variant.orElse("").toLowerCase(Locale.ROOT);
        String usualMachine = machine;
        String usualLevel = level;
        switch (machine) {
            case "i386", "i486", "i586", "i686", "x86" -> {
                usualMachine = "386";
                usualLevel = "";
            }
            case "amd64", "x86_64", "x86-64" -> {
                usualMachine = "amd64";
                usualLevel = level.equals("v1") ? "" : level;
            }
            case "arm64", "aarch64" -> {
                usualMachine = "arm64";
                usualLevel = switch (level) {
                    case "8", "v8", "v8.0" -> "";
                    case "9", "9.0", "v9.0" -> "v9";
                    default -> level;
                };
            }
            case "armhf" -> {
                usualMachine = "arm";
                usualLevel = "v7";
            }
            case "armel" -> {
                usualMachine = "arm";
                usualLevel = "v6";
            }
            case "arm" ->
                usualLevel = switch (level) {
                    case "" -> "v7";
                    case "5", "6", "7", "8" -> "v" + level;
                    default -> level;
                };
            case "loongarch64" -> usualMachine = "loong64";
            default -> {}
        }
        return new Platform(
                usualOs.equals("macos") ? "darwin" : usualOs,
                usualMachine,
                Optional.of(usualLevel).filter(text -> !text.isEmpty()),
                osVersion,
                osFeatures);
    }

    /**
     * The platforms whose images run here, the best first: this one, then its lower variants, then its predecessor of 32 bits; for
     * {@code arm/v7} that is {@code arm/v7}, {@code arm/v6} and {@code arm/v5}. The order is that in which containerd chooses from an
     * index (its package {@code platforms}, function {@code Only}), so an image for the first of these that an index has is the one
     * that a node pulls.
     */
    public List<Platform> runnable() {
        Platform usual = normalised();
        List<Platform> all = new ArrayList<>(List.of(usual));
        Matcher level = LEVEL.matcher(usual.variant.orElse(usual.architecture.equals("arm64") ? "v8" : "v1"));
        int major = level.matches() ? Integer.parseInt(level.group(1)) : 0;
        int minor = level.matches() && level.group(2) != null ? Integer.parseInt(level.group(2)) : 0;
        switch (usual.architecture) {
            case "amd64" -> {
                for (int lower = major - 1; lower >= 1; lower--) {
                    all.add(usual.machine("amd64", "v" + lower));
                }
                all.add(usual.machine("386", ""));
            }
            case "arm64" -> {
                int lower = minor - 1;
                if (major == 9) {
                    for (; lower >= 0; lower--) {
                        all.add(usual.machine("arm64", "v9." + lower));
                    }
                    lower = minor + 5; // v9.0 has what v8.5 has
                }
                for (; lower >= 0; lower--) {
                    all.add(usual.machine("arm64", lower == 0 ? "v8" : "v8." + lower));
                }
                usual.addArm(8, all);
            }
            case "arm" -> usual.addArm(major - 1, all);
            default -> {}
        }
        return List.copyOf(all);
    }

    /** The lowest is the one without a floating-point unit. */
    private void addArm(int highest, List<Platform> all) {
        for (int lower = highest; lower >= 5; lower--) {
            all.add(machine("arm", "v" + lower));
        }
    }

    /** The usual name of another machine with the same system; an empty variant is none. */
    private Platform machine(String otherArchitecture, String otherVariant) {
        Optional<String> level = Optional.of(otherVariant).filter(text -> !text.isEmpty());
        return new Platform(os, otherArchitecture, level, osVersion, osFeatures).normalised();
    }

    /** Returns {@code os/architecture[/variant]}. */
    @Override
    public String toString() {
        return os + "/" + architecture + variant.map(v -> "/" + v).orElse("");
    }

    /** Reads the object; one that lacks its system or architecture, or has them empty, says nothing and is none. */
    static Optional<Platform> read(JsonInput in) throws IOException {
        Fields fields = new Fields();
        in.eachField(name -> fields.read(name, in));
        return fields.toPlatform();
    }

    void write(JsonGenerator out) throws IOException {
        out.writeStartObject();
        writeFields(out);
        out.writeEndObject();
    }

    /** Writes the fields into an object that the caller has begun. */
    void writeFields(JsonGenerator out) throws IOException {
        out.writeStringField("architecture", architecture);
        out.writeStringField("os", os);
        if (osVersion.isPresent()) {
            out.writeStringField("os.version", osVersion.get());
        }
        if (!osFeatures.isEmpty()) {
            out.writeArrayFieldStart("os.features");
            for (String feature : osFeatures) {
                out.writeString(feature);
            }
            out.writeEndArray();
        }
        if (variant.isPresent()) {
            out.writeStringField("variant", variant.get());
        }
    }

    private boolean versionIncludes(Platform image) {
        if (osVersion.isEmpty() || image.osVersion.isEmpty()) {
            return true;
        }
        return (image.osVersion.get() + ".").startsWith(osVersion.get() + ".");
    }

    private static void requireComponent(String text) {
        requireNonNull(text, "component");
        if (!COMPONENT.matcher(text).matches()) {
            throw new OciSyntaxException(
                    ErrorCode.MANIFEST_INVALID,
                    "a part of a platform has letters, digits, '_', '.' and '-', got " + Quoted.of(text));
        }
    }

    /** The fields of a platform, which an index has in an object of their own and a config among others. */
    static final class Fields {
        private Optional<String> os = Optional.empty();
        private Optional<String> architecture = Optional.empty();
        private Optional<String> variant = Optional.empty();
        private Optional<String> osVersion = Optional.empty();
        private List<String> osFeatures = List.of();

        void read(String name, JsonInput in) throws IOException {
            switch (name) {
                case "os" -> os = in.optionalText();
                case "architecture" -> architecture = in.optionalText();
                case "variant" -> variant = in.optionalText();
                case "os.version" -> osVersion = in.optionalText();
                case "os.features" -> osFeatures = in.list(JsonInput::text);
                default -> in.skip();
            }
        }

        Optional<Platform> toPlatform() {
            if (os.isEmpty() || architecture.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new Platform(os.get(), architecture.get(), variant, osVersion, osFeatures));
        }
    }
}
