package dev.postrider.config;

import java.nio.file.Path;

/**
 * What the service keeps on disk.
 *
 * @param directory where the embedded Redis has its files, and the lock that keeps a second service
 *     away from them
 */
public record DataConfig(Path directory) {

  /** In the working directory, where it is seen. */
  public static final Path DEFAULT_DIRECTORY = Path.of("data");

  public static final DataConfig DEFAULT = new DataConfig(DEFAULT_DIRECTORY);

  public DataConfig {
    Rules.notBlank("data.directory", directory.toString());
  }
}
