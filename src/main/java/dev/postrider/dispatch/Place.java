package dev.postrider.dispatch;

import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import io.vertx.core.AsyncResult;

/** What a poll has in the line of a queue: the line asks for it when there may be something. */
interface Place {
  LeaseRequest request();

  /** Its poll waits, and no answer for it is on its way. */
  boolean isFree();

  /** A lease for it is on its way. */
  void asked();

  /** The lease has been answered; the line has learned from it already. */
  void answered(AsyncResult<LeaseResult> result);

  /** There was no lease after all: the call that it went along with has failed. */
  void notAsked();

  /** Answers its poll with nothing. */
  void close();
}
