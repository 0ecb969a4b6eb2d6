package dev.postrider.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postrider.job.Failure;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a failure that is too long to be kept. It is not refused: a worker that cannot even report a
 * failure would hold its task until a timeout, and the reason would be lost altogether.
 */
final class FailureCut {
  private FailureCut() {}

  /**
   * The failure itself if it has at most {@code maxBytes}. Else what matters least goes first: all
   * details, then causes from the innermost, then the end of the message, which says so. Type,
   * {@code nonRetryable} and {@code nextRetryDelay} always stay.
   */
  static Failure to(int maxBytes, Failure failure) {
    int length = length(failure);
    if (length <= maxBytes) {
      return failure;
    }
    String note = " (cut: this failure had " + length + " bytes)";
    int room = maxBytes - note.length();
    Failure shorter = withoutDetails(failure);
    while (shorter.cause() != null && length(shorter) > room) {
      shorter = withoutInnermost(shorter);
    }
    int rest = room - (length(shorter) - utf8(shorter.message()).length);
    return with(shorter, beginning(shorter.message(), Math.max(0, rest)) + note, shorter.cause());
  }

  private static int length(@Nullable Failure failure) {
    int bytes = 0;
    for (Failure f = failure; f != null; f = f.cause()) {
      Buffer details = f.details();
      bytes += utf8(f.type()).length + utf8(f.message()).length;
      bytes += details == null ? 0 : details.length();
    }
    return bytes;
  }

  private static Failure withoutDetails(Failure failure) {
    Failure cause = failure.cause();
    return with(failure, failure.message(), cause == null ? null : withoutDetails(cause));
  }

  private static Failure withoutInnermost(Failure failure) {
    Failure cause = failure.cause();
    if (cause == null || cause.cause() == null) {
      return with(failure, failure.message(), null);
    }
    return with(failure, failure.message(), withoutInnermost(cause));
  }

  private static Failure with(Failure failure, String message, @Nullable Failure cause) {
    return new Failure(
        failure.type(), message, failure.nonRetryable(), failure.nextRetryDelay(), null, cause);
  }

  /** At most so many bytes of UTF-8, whole characters only. */
  private static String beginning(String text, int maxBytes) {
    byte[] bytes = utf8(text);
    int end = Math.min(maxBytes, bytes.length);
    while (end > 0 && end < bytes.length && (bytes[end] & 0xc0) == 0x80) {
      end--;
    }
    return new String(bytes, 0, end, UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }
}
