package dev.postrider;

import dev.postrider.config.PostriderConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the settings of a command come from. */
final class ServerOptions {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "YAML file with settings (default: config/postrider.yaml, if it is there).")
  private @Nullable Path file;

  @Option(
      names = {"-s", "--set"},
      paramLabel = "KEY=VALUE",
      description = "A setting, such as http.port=8090; may be given several times.")
  private List<String> sets = new ArrayList<>();

  /**
   * Reads the settings.
   *
   * @throws dev.postrider.config.ConfigException if one cannot be taken
   */
  PostriderConfig load() {
    return PostriderConfig.load(Optional.ofNullable(file), System.getenv(), sets);
  }
}
