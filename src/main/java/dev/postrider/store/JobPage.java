package dev.postrider.store;

import dev.postrider.job.Job;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of the log of starts.
 *
 * @param cursors beside each job, where a reading that ends with it goes on
 * @param nextCursor where the next page begins; null = there is none
 */
public record JobPage(List<Job> jobs, List<String> cursors, @Nullable String nextCursor) {}
