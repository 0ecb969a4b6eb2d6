package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.redis.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The whole text of each script, so that a changed include shows as every script that it reaches.
 * {@code ./mvnw test -Dtest=LuaSnapshotTest -Dsnapshots.update=true} writes them anew.
 */
class LuaSnapshotTest {
  private static final Path SNAPSHOTS = Path.of("src/test/resources/lua-snapshots");

  static Stream<String> scripts() {
    return Scripts.ALL.stream().map(Script::name);
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void theTextSentToRedis_isTheOneReviewed(String script) throws IOException {
    Path snapshot = SNAPSHOTS.resolve(script + ".lua");
    String text = LuaSource.text(script);
    if (Boolean.getBoolean("snapshots.update")) {
      Files.createDirectories(snapshot.getParent());
      Files.writeString(snapshot, text);
    }
    assertThat(snapshot).content().isEqualTo(text);
  }

  @Test
  void eachSnapshot_isOfAScript() throws IOException {
    try (Stream<Path> files = Files.walk(SNAPSHOTS)) {
      List<String> names =
          files
              .filter(Files::isRegularFile)
              .map(file -> SNAPSHOTS.relativize(file).toString().replace('\\', '/'))
              .map(name -> name.replaceFirst("\\.lua$", ""))
              .toList();
      assertThat(names).containsExactlyInAnyOrderElementsOf(scripts().toList());
    }
  }

  @Test
  void eachScriptOfTheFolders_isLoaded() throws IOException {
    for (String folder : List.of("job", "task", "timer", "queue")) {
      Path path = Path.of("lua", folder);
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.list(path)) {
          assertThat(
                  files
                      .map(file -> folder + "/" + file.getFileName())
                      .filter(name -> name.endsWith(".lua")))
              .allMatch(name -> scripts().anyMatch(script -> name.equals(script + ".lua")));
        }
      }
    }
  }
}
