package dev.postrider.dispatch;

import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * The way of a poll through the lines of several queues. It goes one {@link Round} when it arrives,
 * when there are notices for its worker and when its worker's rate may give again; in between it
 * has a seat in every line. Whoever asks for it, a line or a round, is the only one at that time,
 * and what is called out meanwhile is looked at afterwards.
 */
final class Tour implements Parked {
  private final PollRequest request;
  private final Poll poll;
  private final Shares shares;
  private final long maxBytes;
  private final Handler<LeaseResult> putBack;
  private final List<Stop> stops = new ArrayList<>();
  private final Alarm rate;
  private boolean asking;
  private boolean noticed;

  /**
   * @param maxBytes what the inputs and heartbeat details of the poll's tasks may have together
   * @param putBack takes what the poll cannot be answered with
   */
  Tour(
      Vertx vertx,
      PollLines lines,
      Shares shares,
      PollRequest request,
      long maxBytes,
      Poll poll,
      Handler<LeaseResult> putBack) {
    this.request = request;
    this.poll = poll;
    this.shares = shares;
    this.maxBytes = maxBytes;
    this.putBack = putBack;
    this.rate = new Alarm(vertx, () -> goOn(PollLine::mayGive));
    for (PollRequest.Share share : request.queues()) {
      stops.add(new Stop(lines.of(share.queue()), share));
    }
  }

  /** Joins the lines and asks once at least, because notices come that way. */
  Tour begin() {
    stops.forEach(stop -> stop.line.join(stop));
    round();
    return this;
  }

  @Override
  public void notice() {
    noticed = true;
    if (!asking) {
      round();
    }
  }

  @Override
  public boolean isAsking() {
    return asking;
  }

  @Override
  public void leave() {
    rate.clear();
    stops.forEach(stop -> stop.line.leave(stop));
  }

  private void round() {
    List<Stop> able = stops.stream().filter(stop -> stop.line.mayGive()).toList();
    if (able.isEmpty()) {
      able = List.of(askedLongestAgo());
    }
    asking = true;
    noticed = false;
    rate.clear();
    new Round(request, poll, shares, able, maxBytes, putBack, this::answered).start();
  }

  private Stop askedLongestAgo() {
    return stops.stream().min(Comparator.comparingLong(stop -> stop.line.askedAt())).orElseThrow();
  }

  private void answered(AsyncResult<LeaseResult> result) {
    asking = false;
    if (result.failed()) {
      poll.fail(result.cause());
      return;
    }
    LeaseResult found = result.result();
    if (!found.isNothing() || !poll.isPatient()) {
      poll.give(found);
    } else if (!poll.isAnswered()) {
      goOn(found);
    }
  }

  private void goOn(LeaseResult found) {
    if (noticed) {
      round();
    } else if (found.waits().worker() != null) {
      stops.forEach(stop -> stop.line.unseat(stop));
      rate.within(found.waits().worker());
    } else {
      goOn(PollLine::isCalled);
    }
  }

  private void goOn(Predicate<PollLine> asks) {
    if (stops.stream().anyMatch(stop -> asks.test(stop.line))) {
      round();
    } else {
      stops.forEach(stop -> stop.line.seat(stop));
    }
  }

  /** Its place in one of the lines. */
  final class Stop implements Place {
    private final PollLine line;
    private final PollRequest.Share share;

    Stop(PollLine line, PollRequest.Share share) {
      this.line = line;
      this.share = share;
    }

    double weight() {
      return share.weight();
    }

    void lease(int tasks, long bytes, Handler<AsyncResult<LeaseResult>> found) {
      line.lease(request.of(share.queue(), tasks, bytes), found);
    }

    @Override
    public LeaseRequest request() {
      return request.of(share.queue(), request.maxTasks(), maxBytes);
    }

    @Override
    public boolean isFree() {
      return !asking && !rate.isSet() && !poll.isAnswered();
    }

    @Override
    public void asked() {
      asking = true;
    }

    @Override
    public void answered(AsyncResult<LeaseResult> result) {
      Tour.this.answered(result);
    }

    @Override
    public void notAsked() {
      Tour.this.answered(Future.succeededFuture(LeaseResult.NOTHING));
    }

    @Override
    public void close() {
      poll.give(LeaseResult.NOTHING);
    }
  }
}
