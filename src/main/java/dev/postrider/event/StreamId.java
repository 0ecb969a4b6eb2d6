package dev.postrider.event;

import dev.postrider.job.RunId;
import dev.postrider.store.EventPosition;
import java.util.Optional;

/**
 * The id of a frame of a job's stream: where a listener that has seen the frame reads on. Opaque to
 * its users.
 *
 * @param runId the run that the stream follows, even after a newer one was started
 * @param last nothing comes after the frame
 */
public record StreamId(RunId runId, EventPosition position, boolean last) {
  private static final String LAST = "-end";
  private static final int RUN_ID_LENGTH = 16;

  /** Reads what {@link #toString} wrote. */
  public static Optional<StreamId> parse(String text) {
    if (text.length() <= RUN_ID_LENGTH || text.charAt(RUN_ID_LENGTH) != '-') {
      return Optional.empty();
    }
    boolean last = text.endsWith(LAST);
    int end = last ? text.length() - LAST.length() : text.length();
    if (end <= RUN_ID_LENGTH) {
      return Optional.empty();
    }
    return RunId.parse(text.substring(0, RUN_ID_LENGTH))
        .flatMap(
            run ->
                EventPosition.parse(text.substring(RUN_ID_LENGTH + 1, end))
                    .map(position -> new StreamId(run, position, last)));
  }

  @Override
  public String toString() {
    return runId + "-" + position + (last ? LAST : "");
  }
}
