package dev.postrider.simulation;

import dev.postrider.job.JobStatus;
import dev.postrider.job.StartPolicies;
import org.jspecify.annotations.Nullable;

/** What a start does with an id: the four rules, in their order. */
final class IdRules {
  private IdRules() {}

  /** What becomes of a start. */
  enum Answer {
    NEW_RUN,
    TERMINATE_THEN_NEW_RUN,
    EXISTING,
    ALREADY_STARTED,
    PAYLOAD_MISMATCH
  }

  /**
   * Decides.
   *
   * @param latest the status of the id's latest run; null = there is none
   * @param sameRequestId the start's request id is the one that started that run
   * @param samePayload type and input are those of that run
   */
  static Answer decide(
      @Nullable JobStatus latest,
      boolean sameRequestId,
      StartPolicies policies,
      boolean samePayload) {
    if (latest == null) {
      return Answer.NEW_RUN;
    }
    if (sameRequestId) {
      return Answer.EXISTING;
    }
    Answer answer = latest.isOpen() ? conflict(policies) : reuse(latest, policies);
    boolean answersForAnother = answer == Answer.EXISTING || answer == Answer.ALREADY_STARTED;
    return answersForAnother && policies.rejectPayloadMismatch() && !samePayload
        ? Answer.PAYLOAD_MISMATCH
        : answer;
  }

  private static Answer conflict(StartPolicies policies) {
    return switch (policies.conflict()) {
      case FAIL -> Answer.ALREADY_STARTED;
      case USE_EXISTING -> Answer.EXISTING;
      case TERMINATE_EXISTING -> Answer.TERMINATE_THEN_NEW_RUN;
    };
  }

  private static Answer reuse(JobStatus latest, StartPolicies policies) {
    return switch (policies.reuse()) {
      case ALLOW_DUPLICATE -> Answer.NEW_RUN;
      case ALLOW_DUPLICATE_FAILED_ONLY ->
          latest == JobStatus.COMPLETED ? Answer.ALREADY_STARTED : Answer.NEW_RUN;
      case REJECT_DUPLICATE -> Answer.ALREADY_STARTED;
      case RETURN_EXISTING -> Answer.EXISTING;
    };
  }
}
