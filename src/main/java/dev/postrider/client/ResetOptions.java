package dev.postrider.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a job starts over.
 *
 * @param keepPaused a paused job stays so
 * @param resetHeartbeat forget the details of its heartbeats
 * @param jitter a random part of it is added to the moment of dispatch; whole milliseconds
 * @param restoreOriginalOptions undo what was changed about its options since its start
 */
public record ResetOptions(
    boolean keepPaused, boolean resetHeartbeat, Duration jitter, boolean restoreOriginalOptions) {
  /** Unpauses it; keeps the details of its heartbeats and its options. */
  public static final ResetOptions DEFAULT = new ResetOptions(false, false, Duration.ZERO, false);

  public ResetOptions withKeepPaused(boolean keep) {
    return new ResetOptions(keep, resetHeartbeat, jitter, restoreOriginalOptions);
  }

  public ResetOptions withResetHeartbeat(boolean reset) {
    return new ResetOptions(keepPaused, reset, jitter, restoreOriginalOptions);
  }

  public ResetOptions withJitter(Duration most) {
    return new ResetOptions(keepPaused, resetHeartbeat, most, restoreOriginalOptions);
  }

  public ResetOptions withRestoreOriginalOptions(boolean restore) {
    return new ResetOptions(keepPaused, resetHeartbeat, jitter, restore);
  }

  ObjectNode body(@Nullable String reason) {
    ObjectNode body = Json.object();
    WireFormat.put(body, "reason", reason);
    if (keepPaused) {
      body.put("keepPaused", true);
    }
    if (resetHeartbeat) {
      body.put("resetHeartbeat", true);
    }
    if (!jitter.isZero()) {
      WireFormat.put(body, "jitter", jitter);
    }
    if (restoreOriginalOptions) {
      body.put("restoreOriginalOptions", true);
    }
    return body;
  }
}
