package dev.postrider.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code java -jar postrider.jar …} with what it says. */
final class JarProcess extends ChildProcess {

  private JarProcess(Process process) {
    super(process);
  }

  /**
   * Starts one.
   *
   * @param directory its working directory
   * @param environment what is added to the environment of this process
   */
  static JarProcess start(Path directory, Map<String, String> environment, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-ea"));
    command.add("-da:io.vertx.redis...");
    command.addAll(List.of("-jar", jar().toString()));
    command.addAll(arguments);
    return new JarProcess(launch(directory, environment, command));
  }

  static Path jar() {
    return Path.of(System.getProperty("postrider.jar", "target/postrider.jar")).toAbsolutePath();
  }
}
