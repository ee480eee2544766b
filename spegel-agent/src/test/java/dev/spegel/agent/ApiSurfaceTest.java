package dev.spegel.agent;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledOnJre;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the libraries show to other programs is written down in {@code docs/api}, so that a change of it is seen, and meant:
 * {@code mvn -pl spegel-agent -am package -Dtest=ApiSurfaceTest -Dsurefire.failIfNoSpecifiedTests=false -Dspegel.api.record=true}
 * writes it anew. The agent is a program, and promises its command line and HTTP instead.
 */
@EnabledOnJre(value = JRE.JAVA_17, disabledReason = "later releases describe the same members in other words")
class ApiSurfaceTest {
    private static JavaClasses classes = new ClassFileImporter().importPackages();

    @BeforeAll
    static void importClasses() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.spegel");
    }

    @ParameterizedTest
    @ValueSource(strings = {"oci", "libp2p", "routing", "testkit", "containerd", "registry"})
    void isWhatIsWrittenDown(String module) throws Exception {
        String now = surface("dev.spegel." + module);
        assertThat(now.lines().count()).as("the module is on the class path").isGreaterThan(50);
        Path record = Path.of("..", "docs", "api", "spegel-" + module + ".txt");
        if (Boolean.getBoolean("spegel.api.record")) {
            Files.createDirectories(record.getParent());
            Files.writeString(record, now);
        }
        assertThat(record)
                .content()
                .as("what spegel-%s shows; if it is meant to: the comment of this test", module)
                .isEqualTo(now);
    }

    private static String surface(String root) throws ClassNotFoundException {
        List<String> lines = new ArrayList<>();
        for (JavaClass each : classes.stream()
                .sorted((a, b) -> a.getName().compareTo(b.getName()))
                .toList()) {
            String home = each.getPackageName();
            if ((home.equals(root) || home.startsWith(root + ".")) && !home.contains(".internal")) {
                Class<?> type = Class.forName(each.getName(), false, ApiSurfaceTest.class.getClassLoader());
                if (isSeen(type)) {
                    describe(type, lines);
                }
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static void describe(Class<?> type, List<String> lines) {
        StringBuilder head = new StringBuilder(type.toGenericString());
        if (type.getGenericSuperclass() != null && type.getSuperclass() != Object.class) {
            head.append(" extends ").append(type.getGenericSuperclass().getTypeName());
        }
        append(head, type.isInterface() ? " extends " : " implements ", type.getGenericInterfaces());
        if (type.isSealed()) {
            append(head, " permits ", type.getPermittedSubclasses());
        }
        lines.add(head.toString());
        Stream<String> fields = Arrays.stream(type.getDeclaredFields())
                .filter(ApiSurfaceTest::isSeen)
                .map(Field::toGenericString);
        Stream<String> constructors = Arrays.stream(type.getDeclaredConstructors())
                .filter(ApiSurfaceTest::isSeen)
                .map(Constructor::toGenericString);
        Stream<String> methods = Arrays.stream(type.getDeclaredMethods())
                .filter(ApiSurfaceTest::isSeen)
                .map(Method::toGenericString);
        Stream.of(fields, constructors, methods)
                .flatMap(Stream::sorted)
                .map(member -> "    " + member)
                .forEach(lines::add);
    }

    private static void append(StringBuilder head, String word, Type... types) {
        if (types.length > 0) {
            head.append(word)
                    .append(Arrays.stream(types).map(Type::getTypeName).sorted().collect(joining(", ")));
        }
    }

    /** Protected types and members too: those are for subclasses, which others may write. */
    private static boolean isSeen(Class<?> type) {
        return !type.isSynthetic()
                && !type.isAnonymousClass()
                && isOpen(type.getModifiers())
                && (type.getDeclaringClass() == null || isSeen(type.getDeclaringClass()));
    }

    private static boolean isSeen(Member member) {
        return !member.isSynthetic() && isOpen(member.getModifiers());
    }

    private static boolean isOpen(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }
}
