package dev.postrider.store;

import dev.postrider.job.Notice;
import dev.postrider.job.Task;
import java.util.List;

/**
 * What {@code lua/task/lease.lua} answered.
 *
 * @param tasks at most as many as were asked for
 * @param notices of leases that the same worker holds, each change once
 * @param more there may be more to lease at once
 * @param waits how long until there may be more, if a limit and not want of work ended it
 */
public record LeaseResult(List<Task> tasks, List<Notice> notices, boolean more, Waits waits) {
  public static final LeaseResult NOTHING =
      new LeaseResult(List.of(), List.of(), false, Waits.NONE);

  /** There is neither a task nor a notice in it. */
  public boolean isNothing() {
    return tasks.isEmpty() && notices.isEmpty();
  }

  /** The same, where there may be more or not. */
  public LeaseResult withMore(boolean value) {
    return new LeaseResult(tasks, notices, value, waits);
  }
}
