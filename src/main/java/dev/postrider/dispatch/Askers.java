package dev.postrider.dispatch;

import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import io.vertx.core.AsyncResult;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The polls of a line that want tasks of its queue only, by asker. Each asker asks once for itself
 * when a poll of it arrives, when there are notices for it, and when its own rate may give again.
 */
final class Askers {
  private final Vertx vertx;
  private final PollLine line;
  private final Map<Asker, Group> groups = new HashMap<>();

  /** Who is to ask for itself. */
  private final Set<Group> due = new LinkedHashSet<>();

  Askers(Vertx vertx, PollLine line) {
    this.vertx = vertx;
    this.line = line;
  }

  /** Takes a poll in, which will ask once for itself. */
  Member join(Poll poll, LeaseRequest request) {
    Asker asker = new Asker(request.worker(), request.maxTasksPerSecond());
    Group group = groups.computeIfAbsent(asker, Group::new);
    Member member = new Member(group, poll, request);
    group.members.add(member);
    if (!group.isRated()) {
      line.seat(member);
    }
    due.add(group);
    return member;
  }

  boolean isEmpty() {
    return groups.isEmpty();
  }

  /**
   * A poll of each asker that is to ask for itself, as far as they may ask at once.
   *
   * @param ratedOnly only of those that the line does not ask for, because their own rate holds
   *     them
   */
  List<Place> due(int most, boolean ratedOnly) {
    List<Place> polls = new ArrayList<>();
    Iterator<Group> next = due.iterator();
    while (next.hasNext() && polls.size() < most) {
      Group group = next.next();
      if (group.asking == null && (group.isRated() || !ratedOnly)) {
        next.remove();
        Place first = PollLine.first(group.members);
        if (first != null) {
          polls.add(first);
        }
      }
    }
    return polls;
  }

  /** Answers everyone with nothing. */
  void close() {
    List<Member> all = groups.values().stream().flatMap(group -> group.members.stream()).toList();
    due.clear();
    all.forEach(Member::close);
  }

  /** The polls of one asker; its alarm is set while its own rate holds them up. */
  private final class Group {
    private final Asker asker;
    private final Set<Member> members = new LinkedHashSet<>();
    private @Nullable Member asking;
    private final Alarm rate = new Alarm(vertx, this::goOn);
    private boolean wasDue;

    Group(Asker asker) {
      this.asker = asker;
    }

    boolean isRated() {
      return rate.isSet();
    }

    void learn(LeaseResult leased) {
      if (!due.contains(this)) {
        List<Member> impatient = members.stream().filter(one -> !one.poll.isPatient()).toList();
        if (!impatient.isEmpty() && leased.more() && leased.waits().queue() == null) {
          due.add(this);
        } else {
          impatient.forEach(one -> one.give(LeaseResult.NOTHING));
        }
      }
      Duration ownRate = leased.waits().worker();
      if (ownRate != null && !members.isEmpty()) {
        members.forEach(line::unseat);
        rate.clear();
        rate.within(ownRate);
      }
    }

    private void goOn() {
      members.forEach(line::seat);
      if (!line.isHeld()) {
        due.add(this);
      }
      line.ask();
    }

    void leaveIfEmpty() {
      if (members.isEmpty()) {
        due.remove(this);
        rate.clear();
        if (asking == null) {
          groups.remove(asker, this);
        }
      }
    }
  }

  /** One poll. */
  final class Member implements Place, Parked {
    private final Group group;
    private final Poll poll;
    private final LeaseRequest request;

    Member(Group group, Poll poll, LeaseRequest request) {
      this.group = group;
      this.poll = poll;
      this.request = request;
    }

    @Override
    public LeaseRequest request() {
      return request;
    }

    @Override
    public boolean isFree() {
      return !poll.isAnswered();
    }

    @Override
    public boolean isAsking() {
      return group.asking == this;
    }

    @Override
    public void asked() {
      group.asking = this;
      group.wasDue = due.remove(group);
    }

    @Override
    public void answered(AsyncResult<LeaseResult> result) {
      group.asking = null;
      if (result.failed()) {
        leave();
        poll.fail(result.cause());
      } else {
        LeaseResult leased = result.result();
        if (!leased.isNothing()) {
          give(leased);
        }
        group.learn(leased);
      }
      group.leaveIfEmpty();
    }

    @Override
    public void notAsked() {
      group.asking = null;
      if (!group.members.isEmpty() && (group.wasDue || !poll.isPatient())) {
        due.add(group);
      }
      group.leaveIfEmpty();
    }

    @Override
    public void notice() {
      if (!group.members.isEmpty()) {
        due.add(group);
        line.ask();
      }
    }

    @Override
    public void close() {
      give(LeaseResult.NOTHING);
    }

    @Override
    public void leave() {
      line.unseat(this);
      group.members.remove(this);
      group.leaveIfEmpty();
      line.leaveIfEmpty();
    }

    private void give(LeaseResult result) {
      // whoever waits until the line is empty waits for what is put back, too
      poll.give(result);
      leave();
    }
  }
}
