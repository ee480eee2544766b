package dev.spegel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever the libraries show to other programs is documented. javac's doclint, which the build runs too, checks the form of each
 * comment; its group "missing" would also want a tag for each parameter and result, and so a sentence where the name has said it. The
 * constants of an enumeration may be bare, too.
 */
class DocumentationTest {
    @ParameterizedTest
    @ValueSource(strings = {"oci", "libp2p", "routing", "testkit", "containerd", "registry"})
    void isThere(String module) throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> sources = Files.walk(Path.of("..", "spegel-" + module, "src", "main", "java"))) {
            List<Path> paths = sources.filter(each -> each.toString().endsWith(".java"))
                    .filter(each -> !each.endsWith("module-info.java") && !each.endsWith("package-info.java"))
                    .toList();
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(paths));
            Undocumented scanner = new Undocumented(DocTrees.instance(task));
            for (CompilationUnitTree unit : task.parse()) {
                scanner.scan(unit, null);
            }
            assertThat(scanner.documented).as("what is documented").isGreaterThan(20);
            assertThat(scanner.found).as("what isn't documented").isEmpty();
        }
    }

    /** Looks at what is public or protected, in types that are so themselves. */
    private static final class Undocumented extends TreePathScanner<Void, Void> {
        private final DocTrees docs;
        private final List<String> found = new ArrayList<>();
        private int documented;

        Undocumented(DocTrees docs) {
            this.docs = docs;
        }

        @Override
        public Void visitClass(ClassTree type, Void nothing) {
            if (isSeen(type.getModifiers())) {
                look(type.getSimpleName().toString());
                super.visitClass(type, null);
            }
            return null;
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            boolean said = method.getModifiers().getAnnotations().stream()
                    .map(annotation -> annotation.getAnnotationType().toString())
                    // What is overridden says it; the name of a test does.
                    .anyMatch(Set.of("Override", "Test")::contains);
            // The components of a record are documented with it.
            boolean canonical =
                    method.getReturnType() == null && enclosing().getKind() == Tree.Kind.RECORD && isCompact(method);
            if (isSeen(method.getModifiers()) && !said && !canonical) {
                look(enclosing().getSimpleName() + "." + method.getName());
            }
            return null;
        }

        @Override
        public Void visitVariable(VariableTree field, Void nothing) {
            boolean component = enclosing().getKind() == Tree.Kind.RECORD
                    && !field.getModifiers().getFlags().contains(Modifier.STATIC);
            boolean constant = enclosing().getKind() == Tree.Kind.ENUM
                    && enclosing().getSimpleName().contentEquals(String.valueOf(field.getType()));
            if (isSeen(field.getModifiers()) && !component && !constant) {
                look(enclosing().getSimpleName() + "." + field.getName());
            }
            return null;
        }

        private void look(String name) {
            String comment = docs.getDocComment(getCurrentPath());
            if (comment == null || comment.isBlank()) {
                found.add(name);
            } else {
                documented++;
            }
        }

        private ClassTree enclosing() {
            TreePath path = getCurrentPath().getParentPath();
            return (ClassTree) path.getLeaf();
        }

        /** Members of interfaces are public without the word. */
        private boolean isSeen(ModifiersTree modifiers) {
            Set<Modifier> flags = modifiers.getFlags();
            Tree parent = getCurrentPath().getParentPath().getLeaf();
            boolean inInterface = parent.getKind() == Tree.Kind.INTERFACE;
            return flags.contains(Modifier.PUBLIC)
                    || flags.contains(Modifier.PROTECTED)
                    || (inInterface && !flags.contains(Modifier.PRIVATE));
        }

        /** One without a list of parameters: the parser gives it those of the record. */
        private boolean isCompact(MethodTree constructor) {
            long components = enclosing().getMembers().stream()
                    .filter(member -> member instanceof VariableTree field
                            && !field.getModifiers().getFlags().contains(Modifier.STATIC))
                    .count();
            return constructor.getParameters().isEmpty()
                    || constructor.getParameters().size() == components;
        }
    }
}
