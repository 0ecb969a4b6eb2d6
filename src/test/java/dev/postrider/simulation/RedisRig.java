package dev.postrider.simulation;

import dev.postrider.config.RedisConfig;
import dev.postrider.job.JobKey;
import dev.postrider.redis.LostReplies;
import dev.postrider.redis.RedisConnector;
import dev.postrider.redis.RedisLink;
import dev.postrider.redis.Script;
import dev.postrider.store.Duties;
import dev.postrider.store.JobStore;
import dev.postrider.store.TaskQueues;
import dev.postrider.store.TimerListener;
import dev.postrider.store.Wakeup;
import dev.postrider.store.redis.Keyspace;
import dev.postrider.store.redis.RedisDuties;
import dev.postrider.store.redis.RedisEventLog;
import dev.postrider.store.redis.RedisJobStore;
import dev.postrider.store.redis.RedisTaskQueues;
import dev.postrider.store.redis.ScriptRunner;
import dev.postrider.store.redis.StoreSettings;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Three nodes on one real Redis. */
final class RedisRig implements Rig {
  /** Links of the nodes, which outlive the stores that are made on them. */
  static final class Links implements AutoCloseable {
    private final List<Node> nodes = new ArrayList<>();

    private final HeardWakeups wakeups = new HeardWakeups();

    Links(Vertx vertx, RedisServer redis) {
      for (int i = 0; i < NODES; i++) {
        nodes.add(new Node(vertx, redis));
      }
      RedisConnector connector = new RedisConnector(vertx, RedisConfig.DEFAULT, redis.url());
      on(nodes.get(0), () -> wakeups.open(connector));
    }

    @Override
    public void close() {
      on(nodes.get(0), wakeups::close);
      nodes.forEach(node -> on(node, node.link::close));
    }
  }

  /** One node's event loop and link, which can lose replies. */
  private static final class Node implements ScriptRunner {
    private final Vertx vertx;
    private final Context context;
    private final RedisLink link;
    private volatile long now;
    private boolean loses;
    private boolean down;
    private int running;
    private @Nullable Future<?> unanswered;
    private Runnable whenQuiet = () -> {};
    private List<Runnable> upHandlers = new ArrayList<>();
    private @Nullable JobStore store;
    private @Nullable TaskQueues queues;
    private @Nullable Duties duties;

    Node(Vertx vertx, RedisServer redis) {
      this.vertx = vertx;
      this.context = vertx.getOrCreateContext();
      RedisConnector connector = new RedisConnector(vertx, RedisConfig.DEFAULT, redis.url());
      Promise<RedisLink> opened = Promise.promise();
      context.runOnContext(
          any -> RedisLink.open(connector, "simulation").firstUp().onComplete(opened));
      this.link = get(opened.future());
    }

    @Override
    public Future<@Nullable Response> run(Script script, List<?> keys, List<?> args) {
      List<Object> current = new ArrayList<>(args);
      current.set(0, Long.toString(now));
      return pass(() -> link.eval(script, keys, current));
    }

    @Override
    public Future<@Nullable Response> send(Request request) {
      return pass(() -> link.send(request));
    }

    private Future<@Nullable Response> pass(Supplier<Future<@Nullable Response>> command) {
      if (down) {
        return Future.failedFuture(LostReplies.down());
      }
      if (!loses) {
        return command.get();
      }
      running++;
      return command
          .get()
          .transform(
              (reply, failure) -> {
                down = true;
                if (--running == 0) {
                  context.runOnContext(any -> whenQuiet.run());
                }
                return failure == null
                    ? Future.failedFuture(LostReplies.lost())
                    : Future.failedFuture(failure);
              });
    }

    @Override
    public void onUp(Runnable handler) {
      upHandlers.add(handler);
    }
  }

  private final ModelStore.Settings settings;
  private final List<Node> nodes;
  private final HeardWakeups wakeups;
  private int marks;

  RedisRig(Links links, int partitions, long seed) {
    this.nodes = links.nodes;
    this.wakeups = links.wakeups;
    Duration retention = Duration.ofMinutes(10);
    int attemptsKept = 4;
    Random random = new Random(seed);
    List<RedisEventLog> logs = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      Node node = nodes.get(i);
      node.loses = false;
      node.down = false;
      node.upHandlers = new ArrayList<>();
      StoreSettings own =
          new StoreSettings(
              partitions,
              "node-" + i,
              "0",
              attemptsKept,
              retention,
              0,
              Duration.ofMinutes(5),
              () -> node.now);
      Random bytes = new Random(random.nextLong());
      await(
          i,
          () -> {
            node.store = new RedisJobStore(node.vertx, node, own, bytes, TimerListener.NONE);
            node.duties = new RedisDuties(node.vertx, node, own, bytes, 8 << 20);
            node.queues =
                new RedisTaskQueues(node.vertx, node, own, bytes, RandomLimits.MAX_ENTRIES);
            logs.add(new RedisEventLog(node.vertx, node, own, bytes));
            return Future.succeededFuture();
          });
    }
    this.settings =
        new ModelStore.Settings(
            partitions,
            retention,
            attemptsKept,
            RandomLimits.MAX_ENTRIES,
            (JobKey key) -> logs.get(0).partitionOf(key));
    await(0, () -> nodes.get(0).send(Request.cmd(Command.FLUSHALL)));
  }

  @Override
  public ModelStore.Settings settings() {
    return settings;
  }

  @Override
  public JobStore store(int node) {
    return nodes.get(node).store;
  }

  @Override
  public TaskQueues queues(int node) {
    return nodes.get(node).queues;
  }

  @Override
  public Duties duties(int node) {
    return nodes.get(node).duties;
  }

  @Override
  public String builtInWorker(int node) {
    return "postrider/node-" + node;
  }

  @Override
  public void setNow(long now) {
    nodes.forEach(node -> node.now = now);
  }

  @Override
  public <T> T await(int node, Supplier<Future<T>> calls) {
    return on(nodes.get(node), calls);
  }

  private static <T> T on(Node node, Supplier<Future<T>> calls) {
    Promise<T> done = Promise.promise();
    node.context.runOnContext(
        any -> {
          try {
            calls.get().onComplete(done);
          } catch (RuntimeException | AssertionError e) {
            done.fail(e);
          }
        });
    return get(done.future());
  }

  private static <T> T get(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException("the store did not answer", e);
    }
  }

  @Override
  public void loseReplies(int node, Supplier<Future<?>> calls) {
    Node losing = nodes.get(node);
    await(
        node,
        () -> {
          Promise<Void> quiet = Promise.promise();
          losing.loses = true;
          losing.whenQuiet = quiet::tryComplete;
          losing.unanswered = calls.get();
          return quiet.future();
        });
  }

  @Override
  public void sendAgain(int node) {
    Node back = nodes.get(node);
    await(
        node,
        () -> {
          back.loses = false;
          back.down = false;
          List.copyOf(back.upHandlers).forEach(Runnable::run);
          return Future.succeededFuture();
        });
  }

  @Override
  public Set<Wakeup> wakeups() {
    String mark = "mark " + marks++;
    return on(
        nodes.get(0),
        () -> {
          Future<Set<Wakeup>> heard = wakeups.until(mark);
          Request publish = Request.cmd(Command.PUBLISH, HeardWakeups.MARKS, mark);
          return nodes.get(0).link.send(publish).compose(any -> heard);
        });
  }

  @Override
  public void flushScripts() {
    Request flush = Request.cmd(Command.SCRIPT, "FLUSH");
    Node up = nodes.stream().filter(node -> !node.down).findFirst().orElseThrow();
    await(nodes.indexOf(up), () -> up.send(flush));
  }

  @Override
  public List<String> brokenInvariants(ModelStore model, long now) {
    Node up = nodes.stream().filter(node -> !node.down).findFirst().orElseThrow();
    Keyspace all = await(nodes.indexOf(up), () -> Keyspace.read(up));
    List<String> broken = new ArrayList<>();
    for (int partition = 0; partition < settings.partitions(); partition++) {
      broken.addAll(
          all.brokenInvariants(settings.partitions(), partition, settings.retention().toMillis()));
    }
    return broken;
  }

  @Override
  public List<String> picture() {
    Node up = nodes.stream().filter(node -> !node.down).findFirst().orElseThrow();
    return await(nodes.indexOf(up), () -> Keyspace.read(up)).picture();
  }

  @Override
  public void close() {}
}
