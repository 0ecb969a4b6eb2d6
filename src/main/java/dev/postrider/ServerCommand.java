package dev.postrider;

import dev.postrider.config.ConfigException;
import dev.postrider.config.PostriderConfig;
import dev.postrider.redis.StartupException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code postrider server}: runs the service until it is interrupted. */
@Command(
    name = "server",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Run the service (what postrider does when no command is given).")
final class ServerCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(ServerCommand.class);

  @SuppressWarnings("NullAway.Init") // set before call()
  @Spec
  private CommandSpec spec;

  @Mixin private final ServerOptions options = new ServerOptions();

  @Override
  public Integer call() throws InterruptedException {
    return run(options, spec);
  }

  /**
   * Runs the service. Returns only if it does not start; a signal ends the process from its one
   * shutdown hook, in which the service is stopped in order.
   */
  static int run(ServerOptions options, CommandSpec spec) throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    PostriderConfig config;
    try {
      config = options.load();
    } catch (ConfigException e) {
      err.println("postrider: " + e.getMessage());
      return ExitCode.USAGE;
    }
    Server server = new Server(config);
    Runtime.getRuntime().addShutdownHook(new Thread(server::stop, "stop"));
    try {
      server.start();
    } catch (StartupException e) {
      server.stop();
      err.println("postrider: " + e.getMessage() + "; " + e.hint());
      return ExitCode.SOFTWARE;
    } catch (RuntimeException e) {
      LOG.error("start.failed", e);
      server.stop();
      err.println("postrider: cannot start: " + e + "; the log above says more");
      return ExitCode.SOFTWARE;
    }
    Banner.print(server, spec.commandLine().getOut());
    new CountDownLatch(1).await();
    return ExitCode.OK;
  }
}
