package dev.postrider.api;

import dev.postrider.dispatch.Poll;
import dev.postrider.store.LeaseResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;

/** How a poll is answered, and what becomes of its tasks when nobody is there to take them. */
final class PollAnswers {

  private PollAnswers() {}

  /** Writes what was found among the members of an answer. */
  interface Form {
    void write(JsonOutput out, LeaseResult found) throws IOException;
  }

  /**
   * Answers when something is found or the wait is over. Tasks of a caller that goes before all of
   * the answer is sent are handed back. What was sent and not read cannot be told from what was
   * read; the timeouts of the attempt are for that.
   */
  static Future<Answer> answer(Exchange exchange, Poll poll, Form form) {
    exchange.onGone(poll::abandon);
    return poll.answer()
        .compose(PollAnswers::nextTurn)
        .compose(
            found ->
                Heavy.run(
                    TaskJson.length(found),
                    () -> Answer.json(200, out -> form.write(out, found)).orElse(poll::abandon)))
        .onFailure(unwritten -> poll.abandon());
  }

  /** That a caller has gone may have come in together with its tasks: let that be heard first. */
  private static Future<LeaseResult> nextTurn(LeaseResult found) {
    Context context = Vertx.currentContext();
    if (context == null) {
      return Future.succeededFuture(found);
    }
    Promise<LeaseResult> turn = Promise.promise();
    context.runOnContext(now -> turn.complete(found));
    return turn.future();
  }
}
