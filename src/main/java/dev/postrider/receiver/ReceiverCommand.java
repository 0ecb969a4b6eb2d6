package dev.postrider.receiver;

import dev.postrider.receiver.ReceiverOptions.Limits;
import io.vertx.core.Vertx;
import java.net.BindException;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code postrider receiver}: runs a receiver until it is interrupted. */
@Command(
    name = "receiver",
    mixinStandardHelpOptions = true,
    description = "Run a webhook receiver to try deliveries against.")
public final class ReceiverCommand implements Callable<Integer> {

  private static final int START_SECONDS = 10;
  private static final int STOP_SECONDS = 3;

  @SuppressWarnings("NullAway.Init") // set before call()
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--host",
      defaultValue = ReceiverOptions.DEFAULT_HOST,
      description = "Address to listen on (default: ${DEFAULT-VALUE}).")
  private String host = ReceiverOptions.DEFAULT_HOST;

  @Option(
      names = "--port",
      defaultValue = "" + ReceiverOptions.DEFAULT_PORT,
      description = "Port to listen on, 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--keep",
      defaultValue = "10000",
      description = "Deliveries kept for /_received; counts go on (default: ${DEFAULT-VALUE}).")
  private int keep;

  @Option(
      names = "--keep-keys",
      defaultValue = "100000",
      description = "Idempotency keys remembered (default: ${DEFAULT-VALUE}).")
  private int keepKeys;

  @Option(
      names = "--max-body",
      defaultValue = "2097152",
      description = "Largest body taken, in bytes (default: ${DEFAULT-VALUE}).")
  private int maxBody;

  @Override
  public Integer call() throws InterruptedException {
    ReceiverOptions options = options();
    ReceiverVerticle receiver =
        new ReceiverVerticle(options, InstantSource.system(), System::nanoTime);
    Vertx vertx = Vertx.vertx();
    try {
      vertx.deployVerticle(receiver).await(START_SECONDS, TimeUnit.SECONDS);
    } catch (Exception e) {
      vertx.close();
      spec.commandLine().getErr().println("postrider receiver: " + reason(e));
      return CommandLine.ExitCode.SOFTWARE;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(vertx), "receiver-stop"));
    spec.commandLine().getOut().println("receiver listening on " + url(receiver.port()));
    spec.commandLine().getOut().flush();
    new CountDownLatch(1).await();
    return CommandLine.ExitCode.OK;
  }

  private ReceiverOptions options() {
    try {
      Limits limits = Limits.DEFAULT.withDeliveries(keep).withKeys(keepKeys).withBodyBytes(maxBody);
      return new ReceiverOptions(host, port, limits);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private String url(int actualPort) {
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + actualPort;
  }

  private String reason(Exception failure) {
    if (failure instanceof BindException) {
      return "port "
          + port
          + " on "
          + host
          + " is in use or not ours to take; choose another one with --port";
    }
    return "cannot listen on " + host + ":" + port + ": " + failure.getMessage();
  }

  private static void close(Vertx vertx) {
    try {
      vertx.close().await(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      // The process ends anyway; what is open ends with it.
    }
  }
}
