package dev.postrider.simulation;

import dev.postrider.job.Notice;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.Wakeup;
import java.util.ArrayList;
import java.util.List;

/**
 * Judges what a lease tells its worker of the leases that it holds: each change once, and only of
 * what it holds.
 */
final class NoticeJudge {
  private final Wakeup.Noticed worker;
  private final List<ModelRun> unheard = new ArrayList<>();

  NoticeJudge(LeaseRequest request) {
    this.worker = new Wakeup.Noticed(request.queue().namespace(), request.worker());
  }

  /** Judges an answer. */
  void judge(ModelStore model, List<Notice> notices) {
    for (Notice notice : notices) {
      ModelRun run = held(model, notice);
      if (!model.notices.pending(worker).contains(run) && !model.notices.takeUnheard(run)) {
        throw new IllegalMove("told twice: " + notice);
      }
      World.same("what is asked of " + run, run.requested(), notice.requested());
      model.notices.told(run);
    }
  }

  private ModelRun held(ModelStore model, Notice notice) {
    ModelRun run = model.latest(notice.token().key()).orElse(null);
    boolean known = run != null && run.token != null && run.token.nonce() != LeaseMove.UNKNOWN;
    if (run == null
        || !run.isRunning()
        || !ModelNotices.holderOf(run).equals(worker)
        || (known && !notice.token().equals(run.token))) {
      throw new IllegalMove(worker + " was told of a lease that it does not hold: " + notice);
    }
    return run;
  }

  /** The answer was lost: who knows what it told. */
  void unheard(ModelStore model) {
    unheard.addAll(model.notices.pending(worker));
    unheard.forEach(model.notices::lost);
  }

  /** Judges the answer to the same call sent again: it tells what the first one told. */
  void judgeAgain(ModelStore model, List<Notice> notices, boolean all) {
    List<ModelRun> told = new ArrayList<>();
    for (Notice notice : notices) {
      ModelRun run = held(model, notice);
      boolean changedSince = model.notices.pending(worker).contains(run);
      if (!changedSince) {
        if (!unheard.contains(run)) {
          throw new IllegalMove("told of what nobody asked: " + notice);
        }
        World.same("what is asked of " + run, run.requested(), notice.requested());
        model.notices.takeUnheard(run);
      }
      told.add(run);
    }
    for (ModelRun run : unheard) {
      boolean holds = run.isRunning() && ModelNotices.holderOf(run).equals(worker);
      if (all && holds && model.notices.takeUnheard(run) && !told.contains(run)) {
        throw new IllegalMove(worker + " was not told again of " + run);
      }
    }
  }
}
