package dev.postrider;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The direction of imports between packages, and what no class of the product may do. */
@AnalyzeClasses(packages = "dev.postrider", importOptions = ImportOption.DoNotIncludeTests.class)
class PackageDependenciesTest {

  private static final String BASE = "dev.postrider";

  /** For each package the others it may import. The base package wires and may import all. */
  private static final Map<String, Set<String>> MAY_IMPORT =
      Map.ofEntries(
          Map.entry("job", Set.of()),
          Map.entry("config", Set.of("job")),
          Map.entry("redis", Set.of("config", "job")),
          Map.entry("store", Set.of("config", "job")),
          Map.entry("store.redis", Set.of("config", "job", "metrics", "redis", "store")),
          Map.entry("metrics", Set.of("config", "job", "store")),
          Map.entry("event", Set.of("config", "job", "metrics", "store")),
          Map.entry("dispatch", Set.of("config", "event", "job", "metrics", "store")),
          Map.entry("timer", Set.of("config", "dispatch", "job", "metrics", "store")),
          Map.entry("delivery", Set.of("config", "dispatch", "event", "job", "metrics", "store")),
          Map.entry("api", Set.of("config", "dispatch", "event", "job", "metrics", "store")),
          Map.entry("receiver", Set.of("config", "job")),
          Map.entry("client", Set.of()));

  @ArchTest
  static void importsFollowTheDirectionOfCalls(JavaClasses all) {
    MAY_IMPORT.forEach(
        (name, others) ->
            noClasses()
                .that(describe("are in " + name, c -> packageOf(c).equals(name)))
                .should()
                .dependOnClassesThat(
                    describe(
                        "are in a package other than " + new TreeSet<>(others),
                        c ->
                            c.getPackageName().startsWith(BASE)
                                && !packageOf(c).equals(name)
                                && !others.contains(packageOf(c))))
                .allowEmptyShould(true)
                .check(all));
  }

  @ArchTest
  static void everyPackageHasItsPlaceInTheTable(JavaClasses all) {
    Set<String> unknown = new TreeSet<>();
    all.forEach(type -> unknown.add(packageOf(type)));
    unknown.removeAll(MAY_IMPORT.keySet());
    assertThat(unknown).containsExactly("");
  }

  @ArchTest
  static final ArchRule packagesDoNotImportEachOtherInCircles =
      slices().matching(BASE + ".(**)").should().beFreeOfCycles().allowEmptyShould(true);

  @ArchTest
  static final ArchRule jobsAreValuesWithoutJsonOrNetwork =
      noClasses()
          .that()
          .resideInAPackage(BASE + ".job..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("io.vertx..", "com.fasterxml..", "io.netty..")
                  .and(not(resideInAPackage("io.vertx.core.buffer"))))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule onlyTheStoreTalksToRedis =
      noClasses()
          .that()
          .resideOutsideOfPackages(BASE + ".redis..", BASE + ".store.redis..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.vertx.redis..");

  @ArchTest
  static final ArchRule namesSayWhatAClassIs =
      noClasses().should().haveNameMatching(".*(Manager|Helper|Util|Utils|Processor)");

  // These two watch, on a thread of their own, a process that is not always their child: the one
  // thing that nothing can announce.
  @ArchTest
  static final ArchRule nothingSleeps =
      noClasses()
          .that()
          .haveNameNotMatching(".*\\.redis\\.(RedisProcess|EmbeddedRedis)")
          .should()
          .callMethodWhere(
              describe(
                  "sleeps",
                  call ->
                      call.getTargetOwner().isEquivalentTo(Thread.class)
                          && call.getName().equals("sleep")));

  @ArchTest
  static final ArchRule nothingReadsTheWallClock =
      noClasses()
          .should()
          .callMethodWhere(
              describe(
                  "reads the wall clock",
                  call -> {
                    var owner = call.getTargetOwner();
                    var method = call.getName();
                    return (owner.isEquivalentTo(System.class)
                            && method.equals("currentTimeMillis"))
                        || (owner.getPackageName().equals(Instant.class.getPackageName())
                            && method.equals("now"));
                  }));

  @ArchTest
  static final ArchRule theSystemsClockIsHandedInFromTheEdge =
      noClasses()
          .that()
          .resideOutsideOfPackages(BASE, BASE + ".receiver")
          .should()
          .callMethodWhere(
              describe(
                  "takes the system's clock",
                  call ->
                      (call.getTargetOwner().isEquivalentTo(Clock.class)
                              || call.getTargetOwner().isEquivalentTo(InstantSource.class))
                          && call.getName().startsWith("system")))
          .allowEmptyShould(true);

  @ArchTest
  static void everyPackageStatesItsPurpose(JavaClasses all) throws IOException {
    try (Stream<Path> folders = Files.walk(Path.of("src/main/java"))) {
      for (Path folder : folders.filter(PackageDependenciesTest::holdsClasses).toList()) {
        assertThat(folder.resolve("package-info.java"))
            .isRegularFile()
            .content()
            .contains("/**")
            .contains("@NullMarked");
      }
    }
  }

  private static boolean holdsClasses(Path folder) {
    try (Stream<Path> files = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
      return files.anyMatch(file -> file.toString().endsWith(".java"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The entry of the table a class belongs to: its package below the base package or the nearest
   * one above it that has an entry; empty for the base package itself.
   */
  private static String packageOf(JavaClass type) {
    String name = type.getPackageName();
    if (name.equals(BASE)) {
      return "";
    }
    name = name.substring(BASE.length() + 1);
    String above = name;
    while (!MAY_IMPORT.containsKey(above) && above.contains(".")) {
      above = above.substring(0, above.lastIndexOf('.'));
    }
    return above;
  }
}
