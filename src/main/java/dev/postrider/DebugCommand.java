package dev.postrider;

import dev.postrider.config.ConfigException;
import dev.postrider.config.PostriderConfig;
import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.redis.RedisConnector;
import dev.postrider.redis.RedisHome;
import dev.postrider.redis.RedisLink;
import dev.postrider.redis.StartupException;
import dev.postrider.store.redis.RecordDump;
import dev.postrider.store.redis.ScriptRunner;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code postrider debug}: looks into the store of a service, running or not, and changes nothing.
 */
@Command(name = "debug", mixinStandardHelpOptions = true, description = "Look into the store.")
final class DebugCommand {
  private static final long PATIENCE_SECONDS = 10;

  @SuppressWarnings("NullAway.Init") // set before job()
  @Spec
  private CommandSpec spec;

  @Command(
      name = "job",
      mixinStandardHelpOptions = true,
      description = "Print the record of a job as it lies in Redis.")
  int job(
      @Parameters(paramLabel = "ID", description = "The job's id.") String id,
      @Option(names = "--namespace", defaultValue = "default", description = "Its namespace.")
          String namespace,
      @Option(names = "--run", description = "A run id; the latest run when not given.")
          @Nullable String run,
      @Mixin ServerOptions options) {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Optional<RunId> runId = run == null ? Optional.empty() : RunId.parse(run);
    if (run != null && runId.isEmpty()) {
      err.println("postrider: --run takes the 16 digits of a run id, not " + run);
      return ExitCode.USAGE;
    }
    try {
      PostriderConfig config = options.load();
      Optional<String> record = read(config, new JobKey(namespace, id), runId.orElse(null));
      record.ifPresentOrElse(
          text -> out.print(text),
          () -> err.println("postrider: there is no job " + namespace + "/" + id));
      out.flush();
      return record.isPresent() ? ExitCode.OK : ExitCode.SOFTWARE;
    } catch (ConfigException e) {
      err.println("postrider: " + e.getMessage());
      return ExitCode.USAGE;
    } catch (StartupException e) {
      err.println("postrider: " + e.getMessage() + "; " + e.hint());
      return ExitCode.SOFTWARE;
    } catch (TimeoutException e) {
      err.println("postrider: Redis did not answer; is the service running, or redis.url right?");
      return ExitCode.SOFTWARE;
    }
  }

  private static Optional<String> read(PostriderConfig config, JobKey key, @Nullable RunId runId)
      throws TimeoutException {
    String url =
        config.redis().isEmbedded()
            ? RedisHome.in(config.data().directory()).url()
            : config.redis().url();
    Vertx vertx = Vertx.vertx();
    try {
      RedisConnector connector = new RedisConnector(vertx, config.redis(), url);
      Promise<Optional<String>> record = Promise.promise();
      vertx.runOnContext(
          go ->
              RedisLink.open(connector, "debug")
                  .firstUp()
                  .compose(
                      link ->
                          RecordDump.read(ScriptRunner.of(link), config.partitions(), key, runId)
                              .eventually(link::close))
                  .onComplete(record));
      return record.future().await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } finally {
      Future<Void> closed = vertx.close();
      closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }
}
