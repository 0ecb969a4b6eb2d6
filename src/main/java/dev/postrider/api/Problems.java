package dev.postrider.api;

import dev.postrider.dispatch.RefusedException;
import dev.postrider.store.StoreFullException;
import dev.postrider.store.StoreUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns whatever went wrong into what the caller is told about it. */
final class Problems {

  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

  private Problems() {}

  /** The problem behind an exception. One that nobody foresaw is logged here and not explained. */
  static Problem of(Throwable cause) {
    if (cause instanceof ProblemException known) {
      return known.problem();
    }
    if (cause instanceof RefusedException refused) {
      return refused(refused);
    }
    if (cause instanceof StoreUnavailableException) {
      return Problem.of(
          ProblemCode.STORE_UNAVAILABLE,
          "The store did not answer; the call may have happened. Send it again.");
    }
    if (cause instanceof StoreFullException) {
      return Problem.of(
          ProblemCode.STORE_FULL,
          "The store has no room for another job until some are finished or removed.");
    }
    LOG.error("request.failed unexpectedly", cause);
    return Problem.of(ProblemCode.INTERNAL, "The service failed; its log says more.");
  }

  private static Problem refused(RefusedException refused) {
    String message = String.valueOf(refused.getMessage());
    return switch (refused.refusal()) {
      case TOO_MANY_POLLS -> Problem.of(ProblemCode.TOO_MANY_POLLS, message);
      case OVERLOADED -> Problem.of(ProblemCode.OVERLOADED, message);
      case RESULT_TOO_LARGE -> Problem.of(ProblemCode.RESULT_TOO_LARGE, message);
      case INVALID_PAGE_TOKEN -> Problem.invalidField("pageToken", "is none that a list gave");
    };
  }
}
