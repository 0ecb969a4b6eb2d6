package dev.postrider;

import dev.postrider.receiver.ReceiverCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of the {@code postrider} command. */
@Command(
    name = "postrider",
    mixinStandardHelpOptions = true,
    subcommands = ReceiverCommand.class,
    description = "A durable job queue and webhook delivery service.")
public final class Main implements Runnable {

  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }
}
