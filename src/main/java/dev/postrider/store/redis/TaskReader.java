package dev.postrider.store.redis;

import dev.postrider.job.Notice;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.TaskToken;
import dev.postrider.job.Timeouts;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.Waits;
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

  /**
   * What one lease gave.
   *
   * @param over of the tasks that there was no room for
   */
  record Read(LeaseResult found, List<TaskToken> over) {
    /** The same with what was found together with something else. */
    Read after(LeaseResult together) {
      return new Read(together, over);
    }

    boolean left() {
      return !over.isEmpty();
    }
  }

  private record Leased(String name, JobRecord record) {}

  /**
   * What one lease gave, {@code {tag, more, started_at, name, record, …}}.
   *
   * @param got what the same poll was given before
   */
  Future<Read> read(LeaseRequest request, Leases.Reply leased, LeaseResult got) {
    Response reply = leased.reply();
    Instant startedAt = Instant.ofEpochMilli(reply.get(2).toLong());
    List<Leased> all = new ArrayList<>();
    for (int i = 3; i + 1 < reply.size(); i += 2) {
      all.add(new Leased(reply.get(i).toString(), new JobRecord(reply.get(i + 1).toBuffer())));
    }
    boolean more = ungranted(leased) == 0 && "1".equals(reply.get(1).toString());
    Told told = told(leased.told());
    return fitting(request, all, got)
        .compose(
            fitting -> {
              List<Future<Task>> tasks = new ArrayList<>();
              for (Leased one : all.subList(0, fitting)) {
                tasks.add(task(request, one, startedAt, leased.nonce()));
              }
              List<TaskToken> over = tokens(leased).subList(fitting, all.size());
              return Future.all(tasks)
                  .map(
                      read ->
                          new Read(
                              new LeaseResult(read.list(), told.notices(), more, told.waits()),
                              over));
            });
  }

  /** How many there is room for; told by their lengths, so that the others are not read at all. */
  private Future<Integer> fitting(LeaseRequest request, List<Leased> all, LeaseResult got) {
    int sure = got.tasks().isEmpty() ? 1 : 0;
    if (request.maxBytes() == Long.MAX_VALUE || all.size() <= sure) {
      return Future.succeededFuture(all.size());
    }
    List<Future<Long>> lengths = new ArrayList<>();
    for (Leased one : all) {
      lengths.add(length(one.record()));
    }
    return Future.all(lengths)
        .map(
            known -> {
              long room = request.maxBytes();
              for (Task task : got.tasks()) {
                room -= length(task.input()) + length(task.heartbeatDetails());
              }
              int fitting = 0;
              for (Future<Long> length : lengths) {
                room -= length.result();
                if (room < 0 && fitting >= sure) {
                  break;
                }
                fitting++;
              }
              return fitting;
            });
  }

  private Future<Long> length(JobRecord record) {
    Future<Long> input =
        record.has(JobRecord.INPUT_APART)
            ? lengthBeside(record, JobRecord.INPUT_APART, "i:")
            : Future.succeededFuture((long) length(record.content(null).input()));
    return input.compose(
        bytes -> lengthBeside(record, HEARTBEAT_DETAILS, "h:").map(details -> bytes + details));
  }

  private static int length(@Nullable Buffer value) {
    return value == null ? 0 : value.length();
  }

  private Future<Task> task(LeaseRequest request, Leased one, Instant startedAt, long nonce) {
    JobRecord record = one.record();
    return beside(record, JobRecord.INPUT_APART, "i:")
        .compose(
            input ->
                beside(record, HEARTBEAT_DETAILS, "h:")
                    .map(
                        details ->
                            task(request, one.name(), record, startedAt, nonce, input, details)));
  }

  /** How many tasks a lease could have handed out, had its queue's rate been granted. */
  static int ungranted(Leases.Reply leased) {
    Response reply = leased.reply();
    return "ungranted".equals(reply.get(0).toString()) ? reply.get(1).toInteger() : 0;
  }

  /** What the asker of a lease is told beside its tasks. */
  private record Told(List<Notice> notices, Waits waits) {}

  /** {@code {index, waits, token, name, state, …}}. */
  private static Told told(@Nullable Response told) {
    if (told == null) {
      return new Told(List.of(), Waits.NONE);
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
    return new Told(List.copyOf(notices), waits(told.get(1).toString()));
  }

  /** What has to be waited for, as {@code lua/lib/leases.lua} writes it. */
  private static Waits waits(String text) {
    Waits waits = Waits.NONE;
    for (String part : text.isEmpty() ? new String[0] : text.split(" ", -1)) {
      String time = part.substring(1);
      Duration in = time.equals("-") ? Waits.UNTIL_OPENED : Duration.ofMillis(Long.parseLong(time));
      waits =
          waits.and(
              switch (part.charAt(0)) {
                case 'w' -> new Waits(in, null, null);
                case 'l' -> new Waits(null, in, null);
                case 'q' -> new Waits(null, null, in);
                default -> throw new IllegalStateException("lease.lua has something wait: " + part);
              });
    }
    return waits;
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
    return calls
        .read(ask(Command.GET, record, kind))
        .map(value -> value == null ? null : value.toBuffer());
  }

  private Future<Long> lengthBeside(JobRecord record, int flag, String kind) {
    if (!record.has(flag)) {
      return Future.succeededFuture(0L);
    }
    return calls
        .read(ask(Command.STRLEN, record, kind))
        .map(value -> value == null ? 0L : value.toLong());
  }

  private Request ask(Command command, JobRecord record, String kind) {
    return Request.cmd(command, Buffer.buffer(keys.beside(partition, kind, record.runIdBytes())));
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
