package dev.postrider.simulation;

import dev.postrider.job.AdjustableOptions;
import dev.postrider.job.JobOptions;
import dev.postrider.job.Priority;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.Timeouts;
import java.time.Duration;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A change of some options; null = unchanged. */
record OptionsChange(
    @Nullable String queue,
    @Nullable Timeouts timeouts,
    @Nullable RetryPolicy retryPolicy,
    @Nullable Priority priority,
    @Nullable Duration startDelay)
    implements UnaryOperator<AdjustableOptions> {

  /** Mostly of one thing or two, at times of none. */
  static OptionsChange of(Random random) {
    return new OptionsChange(
        random.nextInt(4) == 0 ? Universe.pick(random, Universe.QUEUES) : null,
        random.nextInt(3) == 0 ? Universe.timeouts(random) : null,
        random.nextInt(3) == 0 ? Universe.retry(random) : null,
        random.nextInt(3) == 0
            ? new Priority(1 + random.nextInt(5), Universe.pick(random, Universe.FAIRNESS_KEYS), 1)
            : null,
        random.nextInt(6) == 0 ? Duration.ofMillis(Universe.millis(random)) : null);
  }

  @Override
  public AdjustableOptions apply(AdjustableOptions now) {
    return new AdjustableOptions(
        new JobOptions(
            timeouts == null ? now.options().timeouts() : timeouts,
            retryPolicy == null ? now.options().retryPolicy() : retryPolicy,
            priority == null ? now.options().priority() : priority),
        queue == null ? now.queue() : new TaskQueue(now.queue().namespace(), queue),
        startDelay == null ? now.startDelay() : startDelay);
  }
}
