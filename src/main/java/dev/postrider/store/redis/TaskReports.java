package dev.postrider.store.redis;

import dev.postrider.job.TaskToken;
import dev.postrider.redis.Script;
import dev.postrider.store.Cancellation;
import dev.postrider.store.Completion;
import dev.postrider.store.FailureReport;
import dev.postrider.store.HeartbeatReport;
import dev.postrider.store.HeartbeatResult;
import dev.postrider.store.ReportResult;
import dev.postrider.store.TimerListener;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What workers report on the tasks that they hold, by token. */
final class TaskReports {
  private final Keys keys;
  private final List<Outbox> outboxes;
  private final TimerListener timers;

  /**
   * @param outboxes of each partition
   */
  TaskReports(Keys keys, List<Outbox> outboxes, TimerListener timers) {
    this.keys = keys;
    this.outboxes = outboxes;
    this.timers = timers;
  }

  Future<ReportResult> complete(Completion completion) {
    return report(
        Scripts.COMPLETE,
        completion.token(),
        completion.next(),
        Replies.outcome(completion.result()),
        Failures.pack(completion.response()));
  }

  Future<ReportResult> fail(FailureReport report) {
    return report(
        Scripts.FAIL,
        report.token(),
        report.next(),
        report.failure().type(),
        Replies.how(report.failure()),
        Failures.pack(report.failure()),
        orEmpty(report.heartbeatDetails()),
        Failures.pack(report.response()));
  }

  Future<ReportResult> canceled(Cancellation cancellation) {
    return report(
        Scripts.CANCELED,
        cancellation.token(),
        cancellation.next(),
        Replies.outcome(cancellation.details()));
  }

  Future<HeartbeatResult> heartbeat(HeartbeatReport report) {
    return send(Scripts.HEARTBEAT, report.token(), false, orEmpty(report.details()))
        .map(reply -> Replies.heartbeat(reply.reply()));
  }

  private Future<ReportResult> report(
      Script script, TaskToken token, boolean next, Object... arguments) {
    return send(script, token, next, arguments)
        .map(
            reply -> {
              ReportResult result = Replies.report(token.key(), reply);
              if (result instanceof ReportResult.Accepted accepted
                  && accepted.run().nextAttemptAt() != null) {
                timers.armed(
                    keys.partitionOf(Keys.name(token.key())),
                    Duration.ofMillis(
                        accepted.run().nextAttemptAt().toEpochMilli() - reply.nowMs()));
              }
              return result;
            });
  }

  private Future<Outbox.ReportReply> send(
      Script script, TaskToken token, boolean next, Object... arguments) {
    String name = Keys.name(token.key());
    Object[] all = new Object[1 + arguments.length];
    all[0] = next ? Replies.token(token).appendString("+") : Replies.token(token);
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return outboxes.get(keys.partitionOf(name)).report(script, name, List.of(all));
  }

  private static Buffer orEmpty(@Nullable Buffer details) {
    return details == null ? Buffer.buffer() : details;
  }
}
