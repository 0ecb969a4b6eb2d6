package dev.postrider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("process")
class ExecutableJarIT {

  private static final Path JAR = Path.of(System.getProperty("postrider.jar"));

  @Test
  void itRunsWithoutAnythingBesideIt() throws Exception {
    Process help =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                JAR.toString(),
                "--help")
            .redirectErrorStream(true)
            .start();

    String output = new String(help.getInputStream().readAllBytes(), UTF_8);

    assertThat(help.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(output).startsWith("Usage: postrider");
    assertThat(help.exitValue()).isZero();
  }

  @Test
  void itsManifestLetsNativeLibrariesAndNewerClassesIn() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      Attributes manifest = jar.getManifest().getMainAttributes();
      assertThat(manifest.getValue("Multi-Release")).isEqualTo("true");
      assertThat(manifest.getValue("Enable-Native-Access")).isEqualTo("ALL-UNNAMED");
    }
  }

  @Test
  void itCarriesScriptsSettingsRedisAndTheLicencesOfWhatItBundles() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      assertThat(jar.stream().map(entry -> entry.getName()))
          .contains(
              "lua/job/start.lua",
              "config/redis.conf",
              "openapi.yaml",
              "redis-server-7.0.15-linux-amd64",
              "redis-server-7.0.15-linux-arm64",
              "META-INF/native/libnetty_transport_native_epoll_x86_64.so",
              "META-INF/LICENSE")
          .noneMatch(name -> name.matches("META-INF/[^/]*\\.(SF|DSA|RSA)"));
      String notice =
          new String(jar.getInputStream(jar.getEntry("META-INF/NOTICE")).readAllBytes(), UTF_8);
      assertThat(notice)
          .startsWith("Postrider")
          .contains("Salvatore Sanfilippo", "Jackson components");
    }
  }
}
