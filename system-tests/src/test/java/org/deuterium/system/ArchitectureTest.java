package org.deuterium.system;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The directions and homes that ARCHITECTURE.md promises, checked on the compiled classes of every module. */
class ArchitectureTest {

    private static final Map<String, List<String>> HOMES = Map.of(
            "io.netty..", List.of("org.deuterium.transport.."),
            "org.apache.curator..", List.of("org.deuterium.coordinator.zookeeper.."),
            "org.apache.zookeeper..", List.of("org.deuterium.coordinator.zookeeper.."),
            "com.fasterxml.jackson..", List.of("org.deuterium.coordinator.."),
            "org.apache.calcite..", List.of("org.deuterium.sql..", "org.deuterium.router.."),
            "org.h2..",
                    List.of(
                            "org.deuterium.values..",
                            "org.deuterium.router..",
                            "org.deuterium.replica.storage..",
                            "org.deuterium.benchmarks.."),
            "picocli..", List.of("org.deuterium.server..", "org.deuterium.benchmarks.."),
            "org.HdrHistogram..", List.of("org.deuterium.benchmarks.."));

    private static JavaClasses classes;

    @BeforeAll
    static void readClasses() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("-tests.jar"))
                // the driver's jar carries its own copy of the wire
                .withImportOption(location -> !location.contains("/org/deuterium/jdbc/wire/"))
                .importPackages("org.deuterium");
        assertTrue(classes.size() > 100, "only " + classes.size() + " classes found: the class path is wrong");
    }

    @Test
    void noPackageIsInACycle() {
        slices().matching("org.deuterium.(**)").should().beFreeOfCycles().check(classes);
    }

    @Test
    void eachHeavyLibraryHasOneHome() {
        HOMES.forEach((library, homes) -> noClasses()
                .that()
                .resideInAPackage("org.deuterium..")
                .and()
                .resideOutsideOfPackages(homes.toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .because(library + " lives in " + homes)
                .check(classes));
    }

    @Test
    void routerAndReplicaNodeNeverSeeEachOther() {
        noClasses()
                .that()
                .resideInAPackage("org.deuterium.router..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.deuterium.replica..")
                .check(classes);
        noClasses()
                .that()
                .resideInAPackage("org.deuterium.replica..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.deuterium.router..")
                .check(classes);
    }

    @Test
    void onlyTheHostAsksTheCore() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "org.deuterium.replication..", "org.deuterium.replica.host..", "org.deuterium.simulation..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.deuterium.replication.PartitionReplica")
                .because("one loop asks the core and performs its effects in order")
                .check(classes);
    }

    /** A step of the clock must not end every wait at once, or make it last for an hour. */
    @Test
    void replicasMeasureNoDurationByTheMachinesClock() {
        Set<String> timestamps =
                Set.of("CutHolds", "PartitionHost", "PartitionCuts", "PartitionLeadership", "OpenBranch", "Refusals");
        noClasses()
                .that()
                .resideInAPackage("org.deuterium.replica..")
                .and(DescribedPredicate.describe(
                        "need no timestamp", type -> !timestamps.contains(type.getSimpleName())))
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .because("durations are measured with the MonotonicClock")
                .check(classes);
    }

    @Test
    void theCoreAndTheDriverKnowOnlyTheWire() {
        for (String room : List.of("org.deuterium.replication..", "org.deuterium.jdbc..", "org.deuterium.wire..")) {
            noClasses()
                    .that()
                    .resideInAPackage(room)
                    .should()
                    .dependOnClassesThat(strangerTo(room))
                    .because(room + " depends on the JDK and the wire protocol only")
                    .check(classes);
        }
    }

    @Test
    void theJudgeOfHistoriesKnowsNothingOfWhomItJudges() {
        noClasses()
                .that()
                .resideInAPackage("org.deuterium.history..")
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "classes outside of its room and the JDK",
                        type -> strangerTo("org.deuterium.history..").test(type)
                                || type.getPackageName().startsWith("org.deuterium.wire")))
                .check(classes);
    }

    @Test
    void packagesAreAtMostTwoLevelsDeep() {
        TreeSet<String> deep = new TreeSet<>();
        for (JavaClass type : classes) {
            String name = type.getPackageName();
            // The planner's rules, one rewriting a class, have the one room of a third level.
            if (name.split("\\.").length > 4 && !name.equals("org.deuterium.router.plan.rule")) {
                deep.add(name);
            }
        }
        assertEquals(new TreeSet<String>(), deep, "packages deeper than two levels below org.deuterium");
    }

    private static DescribedPredicate<JavaClass> strangerTo(String room) {
        String own = room.substring(0, room.length() - 2);
        return DescribedPredicate.describe("classes outside of " + room + ", the wire and the JDK", type -> {
            String name = type.getPackageName();
            return !type.isPrimitive()
                    && !type.isArray()
                    && !name.startsWith(own)
                    && !name.startsWith("org.deuterium.wire")
                    && !name.startsWith("java")
                    && !name.startsWith("jdk.net")
                    && !name.startsWith("org.jspecify");
        });
    }
}
