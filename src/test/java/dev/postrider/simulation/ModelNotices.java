package dev.postrider.simulation;

import dev.postrider.store.Wakeup;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** What workers have not been told yet of the leases they hold. */
final class ModelNotices {
  private final Map<Wakeup.Noticed, Set<ModelRun>> pending = new HashMap<>();

  /** What was told in answers that were lost: it is told again when they are asked for again. */
  private final Map<Wakeup.Noticed, Set<ModelRun>> unheard = new HashMap<>();

  private final Set<Wakeup.Noticed> calledOut = new HashSet<>();

  static Wakeup.Noticed holderOf(ModelRun run) {
    return new Wakeup.Noticed(run.birth.key().namespace(), run.worker);
  }

  /** What is asked of a leased run has changed. A built-in worker is not told this way. */
  void changed(ModelRun run) {
    if (!run.builtIn) {
      of(pending, holderOf(run)).add(run);
      calledOut.add(holderOf(run));
    }
  }

  /** What was asked is asked no more: nothing to tell a worker that has not heard of it. */
  void undone(ModelRun run) {
    Wakeup.Noticed worker = holderOf(run);
    boolean unknown = of(unheard, worker).contains(run);
    if (!of(pending, worker).remove(run) && !unknown) {
      changed(run);
    }
  }

  /** The worker has just been told what is asked. */
  void told(ModelRun run) {
    of(pending, holderOf(run)).remove(run);
    of(unheard, holderOf(run)).remove(run);
  }

  /** The run's attempt ends: nobody needs to know any more. */
  void over(ModelRun run) {
    if (run.worker != null) {
      told(run);
    }
  }

  /** The answer that told of a run was lost. */
  void lost(ModelRun run) {
    if (of(pending, holderOf(run)).remove(run)) {
      of(unheard, holderOf(run)).add(run);
    }
  }

  /** The runs whose worker must be told. */
  Set<ModelRun> pending(Wakeup.Noticed worker) {
    return of(pending, worker);
  }

  /** Whether a lost answer may have told of the run; asking forgets it. */
  boolean takeUnheard(ModelRun run) {
    return of(unheard, holderOf(run)).remove(run);
  }

  /** The workers that must have been called since this was last asked. */
  Set<Wakeup.Noticed> takeCalledOut() {
    Set<Wakeup.Noticed> all = Set.copyOf(calledOut);
    calledOut.clear();
    return all;
  }

  private static Set<ModelRun> of(Map<Wakeup.Noticed, Set<ModelRun>> all, Wakeup.Noticed worker) {
    return all.computeIfAbsent(worker, k -> new LinkedHashSet<>());
  }
}
