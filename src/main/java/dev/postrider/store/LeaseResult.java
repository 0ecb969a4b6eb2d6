package dev.postrider.store;

import dev.postrider.job.Notice;
import dev.postrider.job.Task;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code lua/task/lease.lua} answered.
 *
 * @param tasks at most as many as were asked for
 * @param notices of leases that the same worker holds, each change once
 * @param more there may be more to lease at once
 * @param nextIn how long until a limit may give again, if a limit and not want of work ended it;
 *     null = a wake-up will tell
 */
public record LeaseResult(
    List<Task> tasks, List<Notice> notices, boolean more, @Nullable Duration nextIn) {
  public static final LeaseResult NOTHING = new LeaseResult(List.of(), List.of(), false, null);

  /** The same, where there may be more or not. */
  public LeaseResult withMore(boolean value) {
    return new LeaseResult(tasks, notices, value, nextIn);
  }
}
