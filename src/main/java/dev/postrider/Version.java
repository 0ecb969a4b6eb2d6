package dev.postrider;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;

/** Which Postrider this is. */
final class Version implements IVersionProvider {
  private static final String UNPACKED = "development";

  /** The version in the jar's manifest, or what the build says that runs the classes. */
  static String ofThis() {
    @Nullable String version = Version.class.getPackage().getImplementationVersion();
    return version != null ? version : System.getProperty("postrider.version", UNPACKED);
  }

  @Override
  public String[] getVersion() {
    return new String[] {"postrider " + ofThis()};
  }
}
