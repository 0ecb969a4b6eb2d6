package dev.postrider.store.redis;

import dev.postrider.store.LeaseRequest;
import dev.postrider.store.StoreUnavailableException;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The leases that one event loop asks one partition for. They ride along with whatever call goes
 * out next, or go alone; at most one call that leases is under way, because the store keeps the
 * answer of the latest only.
 */
final class Leases {
  /**
   * A lease's answer and the nonce that its tokens carry.
   *
   * @param told what more its worker is told; null = nothing
   */
  record Reply(long nonce, Response reply, @Nullable Response told) {}

  /**
   * @param grant what another partition's limiter allows, or ""
   */
  record Lease(LeaseRequest request, String grant, Promise<Reply> answer) {}

  /** Who rides along with a call, under which nonce. */
  record Riding(List<Lease> leases, long nonce) {}

  /** Between two attempts to learn what became of a lease. */
  private static final long ASK_AGAIN_MS = 250;

  /** Tasks that one call may ask for: more would hold Redis for longer than 5 ms. */
  static final int MAX_TASKS = 200;

  private final Vertx vertx;
  private final Calls calls;
  private final Keys keys;
  private final StoreSettings settings;
  private final int partition;
  private final String maxInFlightPerDestination;
  private final Runnable whenFree;
  private final Deque<Lease> waiting = new ArrayDeque<>();
  private boolean underWay;

  /**
   * @param whenFree runs when the next call may lease
   */
  Leases(
      Vertx vertx,
      Calls calls,
      Keys keys,
      StoreSettings settings,
      int partition,
      Runnable whenFree) {
    this.vertx = vertx;
    this.calls = calls;
    this.keys = keys;
    this.settings = settings;
    this.partition = partition;
    this.whenFree = whenFree;
    int cap = settings.maxInFlightPerDestination();
    // a partition cannot see what the others have in flight, so each has its share
    this.maxInFlightPerDestination =
        cap == 0 ? "" : Integer.toString(Math.max(1, cap / settings.partitions()));
  }

  void add(Lease lease) {
    waiting.add(lease);
  }

  void addFirst(Lease lease) {
    waiting.addFirst(lease);
  }

  /** No call that leases is under way. */
  boolean canBoard() {
    return !underWay;
  }

  /** Sends what no other call took along. */
  void sendAlone() {
    if (underWay || waiting.isEmpty()) {
      return;
    }
    List<Object> arguments = calls.arguments();
    Riding riding = board(arguments, List.of());
    calls
        .run(Scripts.LEASE, List.of(keys.meta(partition)), arguments)
        .onSuccess(reply -> alight(riding, reply, 1))
        .onFailure(failure -> fail(riding, failure));
  }

  /** Completes a call's arguments: who leases, the body, and the leases that ride along. */
  Riding board(List<Object> arguments, List<Object> body) {
    List<Lease> riding = new ArrayList<>();
    int tasks = 0;
    while (!underWay && !waiting.isEmpty()) {
      tasks += waiting.element().request().maxTasks();
      if (!riding.isEmpty() && tasks > MAX_TASKS) {
        break;
      }
      riding.add(waiting.remove());
    }
    underWay |= !riding.isEmpty();
    Riding boarded = new Riding(riding, calls.randomBits());
    seat(boarded, arguments, body);
    return boarded;
  }

  private void seat(Riding riding, List<Object> arguments, List<Object> body) {
    arguments.add(settings.node());
    arguments.add(settings.loop());
    arguments.add(riding.leases().isEmpty() ? "" : Buffer.buffer().appendLong(riding.nonce()));
    arguments.addAll(body);
    arguments.add(Integer.toString(riding.leases().size()));
    for (Lease lease : riding.leases()) {
      LeaseRequest request = lease.request();
      arguments.add(Keys.queue(request.queue()));
      arguments.add(Integer.toString(request.maxTasks()));
      // the scripts find a node's own leases by this name
      arguments.add(request.builtIn() ? "postrider/" + settings.node() : request.worker());
      arguments.add(request.builtIn() ? "b" : rate(request));
      arguments.add(request.builtIn() ? maxInFlightPerDestination : "");
      arguments.add(lease.grant());
    }
  }

  /** A partition cannot see what the others give, so each has its share. */
  private String rate(LeaseRequest request) {
    Double rate = request.maxTasksPerSecond();
    return rate == null
        ? ""
        : "r" + Math.max(1, (long) Math.floor(rate * 1_000_000 / settings.partitions()));
  }

  /** Answers the leases that rode along: what they got is at {@code at} of the call's reply. */
  void alight(Riding riding, Response reply, int at) {
    if (riding.leases().isEmpty()) {
      return;
    }
    underWay = false;
    whenFree.run();
    List<@Nullable Response> told =
        new ArrayList<>(Collections.nCopies(riding.leases().size(), null));
    if (reply.size() > at + 1) {
      reply.get(at + 1).forEach(one -> told.set(one.get(0).toInteger() - 1, one));
    }
    for (int i = 0; i < riding.leases().size(); i++) {
      Response leased = reply.get(at).get(i);
      riding.leases().get(i).answer().complete(new Reply(riding.nonce(), leased, told.get(i)));
    }
  }

  void fail(Riding riding, Throwable failure) {
    if (riding.leases().isEmpty()) {
      return;
    }
    if (failure instanceof StoreUnavailableException unavailable && unavailable.mayHaveHappened()) {
      vertx.setTimer(ASK_AGAIN_MS, timer -> askAgain(riding));
      return;
    }
    refuse(riding, failure);
  }

  /**
   * Asks under the same nonce what was leased, until there is an answer: nobody would work on what
   * a forgotten lease holds until it times out.
   */
  private void askAgain(Riding riding) {
    List<Object> arguments = calls.arguments();
    seat(riding, arguments, List.of());
    calls
        .run(Scripts.LEASE, List.of(keys.meta(partition)), arguments)
        .onSuccess(reply -> alight(riding, reply, 1))
        .onFailure(
            failure -> {
              if (failure instanceof StoreUnavailableException) {
                vertx.setTimer(ASK_AGAIN_MS, timer -> askAgain(riding));
              } else {
                refuse(riding, failure);
              }
            });
  }

  private void refuse(Riding riding, Throwable failure) {
    underWay = false;
    whenFree.run();
    riding.leases().forEach(lease -> lease.answer().fail(failure));
  }
}
