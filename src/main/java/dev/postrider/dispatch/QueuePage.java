package dev.postrider.dispatch;

import dev.postrider.store.QueueSummary;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list of task queues.
 *
 * @param nextPageToken null = this is the last one
 */
public record QueuePage(List<QueueSummary> queues, @Nullable String nextPageToken) {
  public QueuePage {
    queues = List.copyOf(queues);
  }
}
