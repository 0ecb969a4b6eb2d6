package dev.postrider.dispatch;

import dev.postrider.job.Job;
import dev.postrider.store.JobPage;
import dev.postrider.store.JobStore;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Walks the log of starts for the runs that a filter takes. */
final class JobList {
  /** Runs read per call to the store, so that no single call holds it for long. */
  private static final int SLICE = 200;

  private final JobStore store;
  private final int maxScan;

  JobList(JobStore store, int maxScan) {
    this.store = store;
    this.maxScan = maxScan;
  }

  Future<JobPage> page(
      String namespace, Predicate<Job> filter, int pageSize, @Nullable String pageToken) {
    return new Walk(namespace, filter, pageSize)
        .on(pageToken, maxScan)
        .recover(
            cause ->
                Future.failedFuture(
                    pageToken != null && cause instanceof IllegalArgumentException
                        ? new RefusedException(
                            Refusal.INVALID_PAGE_TOKEN, "No list has answered with this pageToken.")
                        : cause));
  }

  private final class Walk {
    private final String namespace;
    private final Predicate<Job> filter;
    private final int pageSize;
    private final List<Job> taken = new ArrayList<>();
    private final List<String> cursors = new ArrayList<>();

    Walk(String namespace, Predicate<Job> filter, int pageSize) {
      this.namespace = namespace;
      this.filter = filter;
      this.pageSize = pageSize;
    }

    Future<JobPage> on(@Nullable String cursor, int scanLeft) {
      int limit = Math.min(SLICE, scanLeft);
      return store
          .list(namespace, cursor, limit)
          .compose(
              slice -> {
                String next = take(slice);
                return taken.size() == pageSize || next == null || scanLeft <= limit
                    ? Future.succeededFuture(new JobPage(taken, cursors, next))
                    : on(next, scanLeft - limit);
              });
    }

    /** Where the walk goes on: after the last run that found room on the page. */
    private @Nullable String take(JobPage slice) {
      int size = slice.jobs().size();
      for (int i = 0; i < size; i++) {
        if (filter.test(slice.jobs().get(i))) {
          taken.add(slice.jobs().get(i));
          cursors.add(slice.cursors().get(i));
          boolean last = i == size - 1;
          if (taken.size() == pageSize) {
            return last ? slice.nextCursor() : slice.cursors().get(i);
          }
        }
      }
      return slice.nextCursor();
    }
  }
}
