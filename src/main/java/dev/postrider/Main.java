package dev.postrider;

import dev.postrider.receiver.ReceiverCommand;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Entry point of the {@code postrider} command; without a sub-command it runs the service. */
@Command(
    name = "postrider",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {ServerCommand.class, ReceiverCommand.class, DebugCommand.class},
    description = "A durable job queue and webhook delivery service.")
public final class Main implements Callable<Integer> {
  @SuppressWarnings("NullAway.Init") // set before call()
  @Spec
  private CommandSpec spec;

  @Mixin private final ServerOptions options = new ServerOptions();

  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    return ServerCommand.run(options, spec);
  }
}
