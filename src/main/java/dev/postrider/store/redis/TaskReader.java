package dev.postrider.store.redis;

import dev.postrider.job.Notice;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.TaskToken;
import dev.postrider.job.Timeouts;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes tasks of what a lease answered, and fetches what lies beside their records. */
final class TaskReader {
  private static final int HEARTBEAT_DETAILS = 8;

  private final Calls calls;
  private final Keys keys;
  private final int partition;

  TaskReader(Calls calls, Keys keys, int partition) {
    this.calls = calls;
    this.keys = keys;
    this.partition = partition;
  }

  /** What one lease gave, {@code {tag, more, started_at, name, record, …}}. */
  Future<LeaseResult> read(LeaseRequest request, Leases.Reply leased) {
    Response reply = leased.reply();
    Instant startedAt = Instant.ofEpochMilli(reply.get(2).toLong());
    List<Future<Task>> tasks = new ArrayList<>();
    for (int i = 3; i + 1 < reply.size(); i += 2) {
      String name = reply.get(i).toString();
      JobRecord record = new JobRecord(reply.get(i + 1).toBuffer());
      tasks.add(
          beside(record, JobRecord.INPUT_APART, "i:")
              .compose(
                  input ->
                      beside(record, HEARTBEAT_DETAILS, "h:")
                          .map(
                              details ->
                                  task(
                                      request,
                                      name,
                                      record,
                                      startedAt,
                                      leased.nonce(),
                                      input,
                                      details))));
    }
    boolean more = "1".equals(reply.get(1).toString());
    Told told = told(leased.told());
    return Future.all(tasks)
        .map(all -> new LeaseResult(all.list(), told.notices(), more, told.nextIn()));
  }

  /** What the asker of a lease is told beside its tasks. */
  private record Told(List<Notice> notices, @Nullable Duration nextIn) {}

  /** {@code {index, next_in_ms or "", token, name, state, …}}. */
  private static Told told(@Nullable Response told) {
    if (told == null) {
      return new Told(List.of(), null);
    }
    List<Notice> notices = new ArrayList<>();
    for (int i = 2; i + 2 < told.size(); i += 3) {
      Buffer token = told.get(i).toBuffer();
      notices.add(
          new Notice(
              new TaskToken(
                  Keys.jobKey(told.get(i + 1).toString()), token.getInt(0), token.getLong(4)),
              Replies.requested(told.get(i + 2).toString().charAt(0))));
    }
    String nextIn = told.get(1).toString();
    return new Told(
        List.copyOf(notices), nextIn.isEmpty() ? null : Duration.ofMillis(Long.parseLong(nextIn)));
  }

  /** The tokens of the leases that an answer told of. */
  static List<TaskToken> noticed(Leases.Reply leased) {
    return told(leased.told()).notices().stream().map(Notice::token).toList();
  }

  /** The tokens of everything that a lease gave. */
  static List<TaskToken> tokens(Leases.Reply leased) {
    List<TaskToken> tokens = new ArrayList<>();
    Response reply = leased.reply();
    for (int i = 3; i + 1 < reply.size(); i += 2) {
      JobRecord record = new JobRecord(reply.get(i + 1).toBuffer());
      tokens.add(
          new TaskToken(Keys.jobKey(reply.get(i).toString()), record.attempt(), leased.nonce()));
    }
    return tokens;
  }

  private Future<@Nullable Buffer> beside(JobRecord record, int flag, String kind) {
    if (!record.has(flag)) {
      return Future.succeededFuture();
    }
    Request get =
        Request.cmd(Command.GET, Buffer.buffer(keys.beside(partition, kind, record.runIdBytes())));
    return calls.read(get).map(value -> value == null ? null : value.toBuffer());
  }

  private static Task task(
      LeaseRequest request,
      String name,
      JobRecord record,
      Instant startedAt,
      long nonce,
      @Nullable Buffer input,
      @Nullable Buffer heartbeatDetails) {
    var key = Keys.jobKey(name);
    var options = record.options();
    return new Task(
        new TaskToken(key, record.attempt(), nonce),
        record.runId(),
        record.type,
        new TaskQueue(key.namespace(), record.taskQueue),
        record.content(input).input(),
        heartbeatDetails,
        options,
        record.dispatchAt(),
        startedAt,
        deadline(options.timeouts(), record.expiresAt(), startedAt, request.builtIn()));
  }

  private static Instant deadline(
      Timeouts timeouts, @Nullable Instant expiresAt, Instant startedAt, boolean builtIn) {
    Instant deadline = expiresAt == null ? Instant.MAX : expiresAt;
    deadline = sooner(deadline, startedAt, timeouts.startToClose());
    return builtIn ? deadline : sooner(deadline, startedAt, timeouts.heartbeat());
  }

  private static Instant sooner(Instant than, Instant from, @Nullable Duration limit) {
    if (limit == null) {
      return than;
    }
    Instant at = from.plus(limit);
    return at.isBefore(than) ? at : than;
  }
}
