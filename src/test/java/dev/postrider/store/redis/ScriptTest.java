package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.Failure;
import dev.postrider.job.RunId;
import dev.postrider.job.StartRequest;
import dev.postrider.redis.Script;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.Starts;
import dev.postrider.testing.TestStore;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A test of one script: seed the keyspace with other scripts, run it, and compare its answer and
 * everything that it changed. The clock stands still until {@link #at}. A run of the job {@code a}
 * is called {@code a-------}, of its start's fence the same; times are ms from the clock's origin.
 */
@ParameterizedClass(name = "{0} partitions")
@ValueSource(ints = {1, 4})
@ExtendWith(RedisExtension.class)
abstract class ScriptTest {
  static final long T0 = TestStore.START_MS;
  static final int ATTEMPTS_KEPT = 3;
  static final Duration RETENTION = Duration.ofDays(1);

  @Parameter int partitions;

  RawRedis redis;
  Decoded decoded = new Decoded(T0);
  private RawRedis subscriber;
  private Keys keys;
  private long now = T0;
  private int calls;

  /** Set by tests that make many calls and judge none of them by what it changed. */
  boolean manyCalls;

  private Contents before = new Contents(java.util.Map.of());
  private List<String> wakes = List.of();
  private List<Object> last = List.of();
  private @Nullable Object reply;

  @BeforeEach
  void open(RedisServer server) {
    redis = new RawRedis(server.address());
    subscriber = new RawRedis(server.address());
    keys = new Keys(partitions);
    subscriber.call("SUBSCRIBE", keys.wake(partition()));
  }

  @AfterEach
  void close() {
    assertThat(Invariants.brokenIn(keyspace())).isEmpty();
    redis.close();
    subscriber.close();
  }

  /** All of a test is in one partition, the last. */
  private int partition() {
    return partitions - 1;
  }

  String key(String name) {
    return keys.meta(partition()).replaceFirst("m$", "") + name;
  }

  /** Moves the clock to {@code ms} after its origin. */
  void at(long ms) {
    now = T0 + ms;
  }

  // ---- running

  /** Runs a script on jobs; the first three arguments come by themselves. */
  Object run(Script script, List<String> ids, Object... arguments) {
    List<Object> call = new ArrayList<>(List.of("EVAL", source(script), 1 + ids.size()));
    call.add(keys.meta(partition()));
    ids.forEach(id -> call.add(keys.job(partition(), name(id))));
    call.add(now);
    call.add(String.format("r%05dxx", ++calls));
    call.add(Packed.ms(Buffer.buffer().appendInt(ATTEMPTS_KEPT), RETENTION));
    call.addAll(List.of(arguments));
    return send(call);
  }

  Object run(Script script, String id, Object... arguments) {
    return run(script, List.of(id), arguments);
  }

  /** Sends the last call once more, byte for byte. */
  Object again() {
    return send(last);
  }

  private Object send(List<Object> call) {
    if (!manyCalls) {
      before = keyspace();
    }
    last = call;
    reply = redis.call(call.toArray());
    if (!manyCalls) {
      wakes = published();
    }
    return reply;
  }

  private static String source(Script script) {
    return ScriptTexts.of(script);
  }

  private List<String> published() {
    redis.call("PUBLISH", keys.wake(partition()), "end");
    List<String> messages = new ArrayList<>();
    while (true) {
      String message = subscriber.next().get(2).toString();
      if (message.equals("end")) {
        return messages;
      }
      messages.add("> " + decoded.escape(message));
    }
  }

  Contents keyspace() {
    return Contents.read(redis, key(""), decoded);
  }

  // ---- judging

  /** The last answer. */
  String reply() {
    return decoded.reply(reply);
  }

  /** What the last call changed and published: a line per key. */
  void assertChanged(String expected) {
    List<String> lines = new ArrayList<>(keyspace().since(before));
    lines.addAll(wakes.stream().sorted().toList());
    assertThat(String.join("\n", lines)).isEqualTo(expected.stripTrailing());
  }

  /** What the last call published. */
  List<String> wakes() {
    return wakes;
  }

  void assertReply(String expected) {
    assertThat(reply()).isEqualTo(expected);
  }

  void assertNothingChanged() {
    assertThat(keyspace().since(before)).isEmpty();
    assertThat(wakes).isEmpty();
  }

  /** The same call again answers the same and changes nothing. */
  void assertRepeatable() {
    String first = reply();
    again();
    assertThat(reply()).isEqualTo(first);
    assertNothingChanged();
  }

  /** A part of what lies in a key now; null = it is not there. */
  @Nullable String part(String key, String part) {
    return keyspace().keys().getOrDefault(key, java.util.Map.of()).get(part);
  }

  @Nullable String state(String id) {
    return part("j:" + name(id), "state");
  }

  // ---- the scripts, as tests mostly call them

  static String name(String id) {
    return id.contains("/") ? id : "default/" + id;
  }

  /** Eight characters that begin with {@code id}. */
  static String eight(String id) {
    return (id + "--------").substring(0, 8);
  }

  static RunId runId(String id) {
    return new RunId(RawRedis.bytes(eight(id)).getLong(0));
  }

  static Buffer runIdBytes(String id) {
    return RawRedis.bytes(eight(id));
  }

  /** Starts each job in a call of its own. */
  void start(Starts... jobs) {
    for (Starts job : jobs) {
      StartRequest request = job.build();
      start(request, request.key().id());
    }
  }

  /** Starts up to 200 jobs in one call, each in a group of its own. */
  void startAll(List<Starts> jobs) {
    List<String> ids = new ArrayList<>();
    List<Object> arguments = new ArrayList<>(List.of("n1", "0", "", jobs.size()));
    for (Starts job : jobs) {
      StartRequest request = job.build();
      String id = request.key().id();
      ids.add(id);
      Object[] one = startArguments(request, id);
      arguments.addAll(List.of(one).subList(4, one.length - 1));
    }
    arguments.add("0");
    run(Scripts.START, ids, arguments.toArray());
  }

  Object start(StartRequest request, String run) {
    return run(Scripts.START, List.of(request.key().id()), startArguments(request, run));
  }

  /** What follows the first three arguments. */
  static Object[] startArguments(StartRequest request, String run) {
    NewRecord made = NewRecord.of(request, runId(run), runId(run).bits());
    Outbox.Group group = Replies.group(request);
    return new Object[] {
      "n1",
      "0",
      "",
      "1",
      utf8(group.queue()),
      group.priority(),
      utf8(group.fairnessKey()),
      utf8(group.destination()),
      group.weight(),
      "1",
      made.blob(),
      made.options(),
      "0"
    };
  }

  static Buffer utf8(String text) {
    return Buffer.buffer(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Leases from {@code default/mail} to the worker {@code w1}; the nonce is {@code call}'s. */
  Object lease(String call, int count) {
    return lease(call, "default/mail", count);
  }

  Object lease(String call, String queue, int count) {
    return lease(call, queue, count, "w1", "", "", "");
  }

  /** One lease with all that it may say, as the header of {@code lib/leases.lua} has it. */
  Object lease(
      String call,
      String queue,
      int count,
      String worker,
      String kind,
      String dmax0,
      String grant) {
    return run(
        Scripts.LEASE,
        List.of(),
        "n1",
        "0",
        eight(call),
        "1",
        queue,
        count,
        worker,
        kind,
        dmax0,
        grant);
  }

  /** Leases to a worker with a rate of its own, in millionths of a task per second. */
  Object leaseRated(String call, String worker, int count, long rate) {
    return lease(call, "default/mail", count, worker, "r" + rate, "", "");
  }

  /** Leases under what the limiter of another partition granted. */
  Object leaseGranted(String call, int count, String grant) {
    return lease(call, "default/mail", count, "w1", "", "", grant);
  }

  /** Sets limits of {@code default/mail}: field and value by turns. */
  Object set(Object... fields) {
    Object[] arguments = new Object[6 + fields.length];
    System.arraycopy(new Object[] {"default/mail", "0", "1", "", "", "100"}, 0, arguments, 0, 6);
    System.arraycopy(fields, 0, arguments, 6, fields.length);
    return run(Scripts.UPDATE_LIMITS, List.of(), arguments);
  }

  Object leaseBuiltIn(String call, int count) {
    return lease(call, "default/mail", count, "postrider/n1", "b", "", "");
  }

  /** Attempt and nonce, as reports name a lease. */
  static Buffer token(int attempt, String call) {
    return Buffer.buffer().appendInt(attempt).appendBuffer(RawRedis.bytes(eight(call)));
  }

  Object complete(String id, int attempt, String call, String outcome) {
    return run(Scripts.COMPLETE, id, "n1", "0", "", "1", token(attempt, call), outcome, "", "0");
  }

  Object fail(String id, int attempt, String call, String type, String how) {
    return run(
        Scripts.FAIL,
        id,
        "n1",
        "0",
        "",
        "1",
        token(attempt, call),
        type,
        how,
        "<" + type + ">",
        "",
        "",
        "0");
  }

  Object fail(String id, int attempt, String call) {
    return fail(id, attempt, call, "http.503", "");
  }

  Object heartbeat(String id, int attempt, String call, String details) {
    return run(Scripts.HEARTBEAT, id, "n1", "0", "", "1", token(attempt, call), details, "0");
  }

  /** The end of an attempt as canceled; {@code details} as of an outcome. */
  Object canceled(String id, int attempt, String call, String details) {
    return run(Scripts.CANCELED, id, "n1", "0", "", "1", token(attempt, call), details, "0");
  }

  Object handBack(String id, int attempt, String call) {
    return run(Scripts.HAND_BACK, id, token(attempt, call));
  }

  /** A control of the latest run. */
  Object control(Script script, String id, String requestId, String reason, Object... more) {
    Object[] arguments = new Object[3 + more.length];
    arguments[0] = "";
    arguments[1] = requestId;
    arguments[2] = reason;
    System.arraycopy(more, 0, arguments, 3, more.length);
    return run(script, id, arguments);
  }

  Object reap() {
    return run(Scripts.REAP, List.of(), "100");
  }

  /** The ids that a lease gave. */
  static List<String> ids(Object leaseReply) {
    List<?> lease = (List<?>) ((List<?>) ((List<?>) leaseReply).get(1)).get(0);
    List<String> ids = new ArrayList<>();
    for (int i = 3; i < lease.size(); i += 2) {
      ids.add(lease.get(i).toString().replaceFirst("^default/", ""));
    }
    return ids;
  }

  /** Sets a queue's caps: fields {@code max kmax dmax}. */
  void limit(String field, int value) {
    redis.call("HSET", key("q:default/mail"), field, value);
  }

  static Failure failure(String type) {
    return new Failure(type, "", false, null, null, null);
  }
}
