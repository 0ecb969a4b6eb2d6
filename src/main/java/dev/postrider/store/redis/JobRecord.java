package dev.postrider.store.redis;

import dev.postrider.job.JobContent;
import dev.postrider.job.JobOptions;
import dev.postrider.job.JobStatus;
import dev.postrider.job.Priority;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.RetryState;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import dev.postrider.job.Timeouts;
import dev.postrider.job.WaitingFor;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads the packed record of a run. The layout is that of {@code lua/lib/record.lua}, whose
 * positions count from 1; here they count from 0.
 */
final class JobRecord {
  static final int INPUT_APART = 1;
  static final int NO_INPUT = 2;
  static final int ATTEMPTS = 4;

  private static final int FENCE = 1;
  private static final int STATE = 9;
  private static final int NONCE = 10;
  private static final int STARTED_AT = 18;
  private static final int HEARTBEAT_AT = 24;
  private static final int WORKER = 30;
  private static final int HEARTBEATS = 34;
  private static final int ENDER = 38;
  private static final int ATTEMPT = 39;
  private static final int DISPATCH_AT = 43;
  private static final int CLOSED_AT = 49;
  private static final int OUTCOME = 55;
  private static final int LEASE_LOSSES = 67;
  private static final int RETRY_STATE = 69;
  private static final int FLAGS = 70;
  private static final int PRIORITY = 71;
  private static final int RUN_ID = 72;
  private static final int CREATED_AT = 80;
  private static final int FIRST_DISPATCH_AT = 86;
  private static final int EXPIRES_AT = 96;
  private static final int SCHEDULE_TO_START = 102;
  private static final int START_TO_CLOSE = 108;
  private static final int HEARTBEAT_TIMEOUT = 114;
  private static final int WEIGHT = 120;
  private static final int SECTIONS = 124;

  private static final int NO_OUTCOME = 255;
  private static final int OUTCOME_APART = 254;

  private final Buffer bytes;
  final String fairnessKey;
  final String destination;
  final String taskQueue;
  final String type;
  final RetryPolicy retryPolicy;
  final String requestId;
  final @Nullable RunId rerunOf;
  private final int metaAt;

  JobRecord(Buffer bytes) {
    this.bytes = bytes;
    Unpacked sections = new Unpacked(bytes, SECTIONS);
    fairnessKey = sections.text(sections.u1());
    destination = sections.text();
    taskQueue = sections.text();
    type = sections.text();
    retryPolicy = PackedPolicy.unpack(sections);
    requestId = sections.text();
    rerunOf = sections.u1() == 0 ? null : new RunId(sections.u8());
    metaAt = sections.at();
  }

  char state() {
    return (char) bytes.getUnsignedByte(STATE);
  }

  long fence() {
    return bytes.getLong(FENCE);
  }

  long nonce() {
    return bytes.getLong(NONCE);
  }

  char ender() {
    return (char) bytes.getUnsignedByte(ENDER);
  }

  int attempt() {
    return bytes.getInt(ATTEMPT);
  }

  int heartbeats() {
    return bytes.getInt(HEARTBEATS);
  }

  int leaseLosses() {
    return bytes.getUnsignedShort(LEASE_LOSSES);
  }

  int workerNumber() {
    return bytes.getInt(WORKER);
  }

  RunId runId() {
    return new RunId(bytes.getLong(RUN_ID));
  }

  byte[] runIdBytes() {
    return bytes.getBytes(RUN_ID, RUN_ID + 8);
  }

  boolean has(int flag) {
    return (bytes.getUnsignedByte(FLAGS) & flag) != 0;
  }

  Instant createdAt() {
    return Instant.ofEpochMilli(ms(CREATED_AT));
  }

  Instant firstDispatchAt() {
    return Instant.ofEpochMilli(ms(FIRST_DISPATCH_AT));
  }

  Instant dispatchAt() {
    return Instant.ofEpochMilli(ms(DISPATCH_AT));
  }

  @Nullable Instant startedAt() {
    return instant(STARTED_AT);
  }

  @Nullable Instant heartbeatAt() {
    return instant(HEARTBEAT_AT);
  }

  @Nullable Instant closedAt() {
    return instant(CLOSED_AT);
  }

  @Nullable Instant expiresAt() {
    return instant(EXPIRES_AT);
  }

  boolean isRunning() {
    return isRunning(state());
  }

  static boolean isRunning(char state) {
    return switch (state) {
      case 'R', 'c', 'p', 'r', 'k' -> true;
      default -> false;
    };
  }

  static JobStatus status(char state) {
    return switch (state) {
      case 'S', 'W', 'R', 'c', 'p', 'r', 'k' -> JobStatus.RUNNING;
      case 'P' -> JobStatus.PAUSED;
      case 'C' -> JobStatus.COMPLETED;
      case 'F' -> JobStatus.FAILED;
      case 'X' -> JobStatus.CANCELED;
      case 'T' -> JobStatus.TERMINATED;
      case 'O' -> JobStatus.TIMED_OUT;
      default -> throw new IllegalStateException("a record has the state " + state);
    };
  }

  static @Nullable RunState runState(char state) {
    return switch (state) {
      case 'S', 'W' -> RunState.SCHEDULED;
      case 'R', 'r' -> RunState.STARTED;
      case 'c' -> RunState.CANCEL_REQUESTED;
      case 'P' -> RunState.PAUSED;
      case 'p', 'k' -> RunState.PAUSE_REQUESTED;
      default -> null;
    };
  }

  @Nullable WaitingFor waitingFor() {
    return switch (state()) {
      case 'S' -> WaitingFor.TURN;
      case 'W' -> ender() == '-' ? WaitingFor.START_TIME : WaitingFor.BACKOFF;
      default -> null;
    };
  }

  @Nullable RetryState retryState() {
    return switch ((char) bytes.getUnsignedByte(RETRY_STATE)) {
      case 'N' -> RetryState.NON_RETRYABLE_FAILURE;
      case 'T' -> RetryState.TIMEOUT;
      case 'M' -> RetryState.MAXIMUM_ATTEMPTS_REACHED;
      case 'C' -> RetryState.CANCEL_REQUESTED;
      default -> null;
    };
  }

  boolean isOutcomeApart() {
    return bytes.getUnsignedByte(OUTCOME) == OUTCOME_APART;
  }

  /** The outcome that lies in the record itself; null = none, or it lies apart. */
  @Nullable Buffer inlineOutcome() {
    int length = bytes.getUnsignedByte(OUTCOME);
    return length == NO_OUTCOME || length == OUTCOME_APART
        ? null
        : bytes.getBuffer(OUTCOME + 1, OUTCOME + 1 + length);
  }

  JobOptions options() {
    Instant expires = expiresAt();
    return new JobOptions(
        new Timeouts(
            expires == null ? null : Duration.between(firstDispatchAt(), expires),
            duration(SCHEDULE_TO_START),
            duration(START_TO_CLOSE),
            duration(HEARTBEAT_TIMEOUT)),
        retryPolicy,
        new Priority(
            bytes.getUnsignedByte(PRIORITY) - '0', fairnessKey, bytes.getInt(WEIGHT) / 1000.0));
  }

  /** What the job carries; its input only when it lies in the record. */
  JobContent content(@Nullable Buffer inputApart) {
    return content(inputApart, true);
  }

  /** The same of a record that may end before its input. */
  JobContent contentWithoutInput() {
    return content(null, false);
  }

  private JobContent content(@Nullable Buffer inputApart, boolean readsInput) {
    Unpacked from = new Unpacked(bytes, metaAt);
    String summary = null;
    String details = null;
    Buffer attributes = null;
    if (from.u4() > 0) {
      summary = from.optionalText();
      details = from.optionalText();
      attributes = from.optional();
    }
    Buffer input = inputApart;
    if (readsInput && !has(INPUT_APART) && !has(NO_INPUT)) {
      input = from.bytes(from.u4());
    }
    return new JobContent(input, attributes, summary, details);
  }

  private long ms(int at) {
    return ((long) bytes.getUnsignedShort(at) << 32) | bytes.getUnsignedInt(at + 2);
  }

  private @Nullable Instant instant(int at) {
    long ms = ms(at);
    return ms == 0 ? null : Instant.ofEpochMilli(ms);
  }

  private @Nullable Duration duration(int at) {
    long ms = ms(at);
    return ms == 0 ? null : Duration.ofMillis(ms);
  }
}
