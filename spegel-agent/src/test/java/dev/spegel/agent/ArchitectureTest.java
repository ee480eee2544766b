package dev.spegel.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which module may use which. The test sees all that the agent is made of. */
class ArchitectureTest {
    private static JavaClasses classes = new ClassFileImporter().importPackages();

    @BeforeAll
    static void importClasses() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.spegel");
        assertThat(classes.containPackage("dev.spegel.oci"))
                .as("the modules are on the class path")
                .isTrue();
    }

    @Test
    void modulesDependUpwards() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("dev.spegel..")
                .layer("oci")
                .definedBy("dev.spegel.oci..")
                .layer("routing")
                .definedBy("dev.spegel.routing..")
                .layer("testkit")
                .definedBy("dev.spegel.testkit..")
                .layer("registry")
                .definedBy("dev.spegel.registry..")
                .layer("agent")
                .definedBy("dev.spegel.agent..")
                .whereLayer("oci")
                .mayNotAccessAnyLayer()
                .whereLayer("routing")
                .mayOnlyAccessLayers("oci")
                .whereLayer("testkit")
                .mayOnlyAccessLayers("oci", "routing")
                .whereLayer("registry")
                .mayOnlyAccessLayers("oci", "routing")
                .whereLayer("agent")
                .mayOnlyAccessLayers("oci", "routing", "registry")
                .ensureAllClassesAreContainedInArchitecture()
                .check(classes);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.spegel.(**)").should().beFreeOfCycles().check(classes);
    }

    @Test
    void onlyTheAgentKnowsTheLogBackendAndTheCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.spegel.agent..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ch.qos.logback..", "picocli..")
                .check(classes);
    }

    @Test
    void onlyTheCommandLineReadsTheEnvironment() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.spegel.agent.cli..")
                .should()
                .callMethod(System.class, "getenv")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .check(classes);
    }
}
