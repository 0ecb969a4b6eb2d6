package dev.postrider;

import dev.postrider.api.ApiLimits;
import dev.postrider.api.ApiOptions;
import dev.postrider.api.ManagementVerticle;
import dev.postrider.config.DeliveryConfig;
import dev.postrider.config.HttpConfig;
import dev.postrider.config.ManagementConfig;
import dev.postrider.config.PostriderConfig;
import dev.postrider.delivery.AddressGuard;
import dev.postrider.delivery.WebhookSender;
import dev.postrider.metrics.Metrics;
import dev.postrider.redis.EmbeddedRedis;
import dev.postrider.redis.RedisConnector;
import dev.postrider.redis.RedisStatus;
import dev.postrider.redis.StartupException;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Postrider: builds everything in order, and takes it down in reverse.
 *
 * <p>Starting and stopping block and are not for event loops.
 */
public final class Server {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /** Redis itself has fifteen seconds to come up. */
  private static final Duration START_PATIENCE = Duration.ofSeconds(30);

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

  private final PostriderConfig config;
  private final Metrics metrics = new Metrics();
  private final Deque<Step> steps = new ArrayDeque<>();
  private final List<ServingVerticle> serving = new ArrayList<>();

  private volatile boolean running;
  private int port;
  private int managementPort;
  private String durability = "unknown";

  public Server(PostriderConfig config) {
    this.config = config;
  }

  /** How to take down what was started. */
  private record Step(String name, Runnable undo) {}

  /**
   * Starts everything.
   *
   * @throws StartupException if something stands in the way; {@link #stop} takes down what was
   *     started until then
   */
  public synchronized void start() {
    LOG.info("configuration:\n{}", config.effective());
    OpenFiles.of(config, OpenFiles.allowedHere()).say();
    String url = redisUrl();
    Vertx vertx = vertx();
    RedisConnector connector = new RedisConnector(vertx, config.redis(), url);
    RedisStatus redis = await(connector.check(config.durability().require()), START_PATIENCE);
    durability = redis.durability().sentence();
    Node node = Node.of(config, nodeName(), connector, metrics);
    WakeupVerticle wakeups = deploy(vertx, new WakeupVerticle(node), "wake-ups");
    TimerVerticle timers = deploy(vertx, new TimerVerticle(node), "duties of time");
    for (int i = 0; i < loops(); i++) {
      serving.add(deploy(vertx, new ServingVerticle(node, "loop-" + i, timers), "event loop " + i));
    }
    manage(vertx, wakeups);
    work(vertx);
    onStop("duties of time", () -> await(timers.rest(), STOP_PATIENCE));
    listen();
    running = true;
    LOG.info(
        "started version={} node={} redis=\"{} {}\" api={} management={}",
        Version.ofThis(),
        node.name(),
        redis.product(),
        redis.version(),
        url(),
        managementUrl());
  }

  /** Takes everything down, the latest first; may be called again. */
  public synchronized void stop() {
    running = false;
    boolean wasUp = !steps.isEmpty();
    while (!steps.isEmpty()) {
      Step step = steps.pop();
      LOG.debug("stopping: {}", step.name);
      try {
        step.undo.run();
      } catch (RuntimeException e) {
        LOG.warn("stop.failed step=\"{}\" cause={}", step.name, e.toString());
      }
    }
    if (wasUp) {
      LOG.info("stopped");
    }
  }

  /** The port of the API, once started. */
  public int port() {
    return port;
  }

  /** The port of the management listener, once started. */
  public int managementPort() {
    return managementPort;
  }

  /** Where the API is, once started. */
  public String url() {
    return Listening.url(config.http().host(), port);
  }

  /** Where the management listener is, once started. */
  public String managementUrl() {
    return Listening.url(config.management().host(), managementPort);
  }

  /** What an accepted job has survived to: a sentence. */
  public String durability() {
    return durability;
  }

  private String redisUrl() {
    if (!config.redis().isEmbedded()) {
      return config.redis().url();
    }
    String http = config.http().host() + ":" + config.http().port();
    EmbeddedRedis embedded =
        EmbeddedRedis.start(config.data(), config.redis(), Map.of("http", http));
    onStop("Redis", embedded::stop);
    return embedded.url();
  }

  private Vertx vertx() {
    // One loop more, for the duties of time, the wake-ups and the management listener.
    VertxOptions options =
        new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(loops() + 1);
    Vertx vertx = Vertx.vertx(options);
    onStop("Vert.x", () -> await(vertx.close(), STOP_PATIENCE));
    return vertx;
  }

  private void manage(Vertx vertx, WakeupVerticle wakeups) {
    ManagementConfig place = config.management();
    ManagementVerticle management =
        new ManagementVerticle(
            place,
            metrics,
            Map.of(
                "redis", () -> serving.stream().allMatch(ServingVerticle::isReady),
                "wake-ups", wakeups::isSubscribed,
                "running", () -> running));
    Listening.on(
        "management",
        place.host(),
        place.port(),
        () -> deploy(vertx, management, "management listener"));
    managementPort = management.port();
  }

  private void work(Vertx vertx) {
    DeliveryConfig delivery = config.delivery();
    if (delivery.taskQueues().isEmpty()) {
      return;
    }
    AddressGuard guard = AddressGuard.of(delivery, Listening.isLoopback(config.http().host()));
    WebhookSender sender =
        new WebhookSender(vertx, delivery, guard, Version.ofThis(), InstantSource.system());
    onStop("connections to receivers", () -> await(sender.close(), STOP_PATIENCE));
    Duration patience = delivery.shutdownGrace().plus(STOP_PATIENCE);
    onStop("deliveries", () -> await(onAll(ServingVerticle::stopWorking), patience));
    int loops = Math.min(serving.size(), delivery.maxInFlight());
    for (int i = 0; i < loops; i++) {
      boolean oneMore = i < delivery.maxInFlight() % loops;
      int share = delivery.maxInFlight() / loops + (oneMore ? 1 : 0);
      await(serving.get(i).work(sender, share), START_PATIENCE);
    }
    metrics.deliveriesInFlight(
        () -> serving.stream().mapToInt(ServingVerticle::deliveriesInFlight).sum());
  }

  private void listen() {
    HttpConfig http = config.http();
    ApiOptions options =
        new ApiOptions(
            http.host(),
            Listening.sharedPort(http.port()),
            managementUrl(),
            ApiLimits.of(http, config.limits()));
    onStop("API", () -> await(onAll(ServingVerticle::stopListening), STOP_PATIENCE));
    for (ServingVerticle loop : serving) {
      port =
          Listening.on(
              "http", http.host(), http.port(), () -> await(loop.listen(options), START_PATIENCE));
    }
  }

  private Future<Void> onAll(Function<ServingVerticle, Future<Void>> step) {
    return Future.join(serving.stream().map(step).toList()).mapEmpty();
  }

  private int loops() {
    return config.http().eventLoops(Runtime.getRuntime().availableProcessors());
  }

  /** A node that starts again must not be taken for the one that died. */
  private String nodeName() {
    String configured = config.node().name();
    byte[] random = new byte[4];
    new SecureRandom().nextBytes(random);
    String suffix = HexFormat.of().formatHex(random);
    return configured.isEmpty() ? suffix : configured + "-" + suffix;
  }

  private <V extends Deployable> V deploy(Vertx vertx, V verticle, String name) {
    String id = await(vertx.deployVerticle(verticle), START_PATIENCE);
    onStop(name, () -> await(vertx.undeploy(id), STOP_PATIENCE));
    return verticle;
  }

  private void onStop(String name, Runnable undo) {
    steps.push(new Step(name, undo));
  }

  private static <T> T await(Future<T> future, Duration patience) {
    try {
      return future.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("not done within " + patience.toSeconds() + " s", e);
    }
  }
}
