package dev.spegel.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
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
                .withImportOption(location -> !location.contains("dev/spegel/lab/")) // tests run on it
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
                .layer("libp2p")
                .definedBy("dev.spegel.libp2p..")
                .layer("routing")
                .definedBy("dev.spegel.routing")
                .layer("DHT")
                .definedBy("dev.spegel.routing.dht..", "dev.spegel.routing.bootstrap..")
                .layer("TLS")
                .definedBy("dev.spegel.routing.tls..")
                .layer("testkit")
                .definedBy("dev.spegel.testkit..")
                .layer("containerd")
                .definedBy("dev.spegel.containerd..")
                .layer("registry")
                .definedBy("dev.spegel.registry..")
                .layer("agent")
                .definedBy("dev.spegel.agent..")
                .whereLayer("oci")
                .mayNotAccessAnyLayer()
                .whereLayer("libp2p")
                .mayNotAccessAnyLayer()
                .whereLayer("routing")
                .mayOnlyAccessLayers("oci")
                .whereLayer("TLS")
                .mayNotAccessAnyLayer()
                .whereLayer("DHT")
                .mayOnlyAccessLayers("oci", "libp2p", "routing", "TLS")
                .whereLayer("testkit")
                .mayOnlyAccessLayers("oci", "routing", "TLS")
                .whereLayer("registry")
                .mayOnlyAccessLayers("oci", "routing")
                .whereLayer("containerd")
                .mayOnlyAccessLayers("oci")
                .whereLayer("agent")
                .mayOnlyAccessLayers("oci", "libp2p", "routing", "TLS", "DHT", "containerd", "registry")
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

    /** So two of anything can be in one JVM. Generated code keeps its descriptors so. */
    @Test
    void nothingStaticChanges() {
        fields().that()
                .areStatic()
                .and()
                .areDeclaredInClassesThat()
                .resideOutsideOfPackage("..internal..")
                .should()
                .beFinal()
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
