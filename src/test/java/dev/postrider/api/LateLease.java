package dev.postrider.api;

import java.util.List;

/** Brings a job to where a lease of it is over. */
final class LateLease {
  static final List<String> FATES =
      List.of(
          "completed",
          "failed",
          "failed_for_good",
          "paused_when_failed",
          "reset_when_failed",
          "failed_and_leased_again",
          "reset_and_leased_again",
          "handed_back",
          "handed_back_and_leased_again",
          "canceled",
          "canceled_when_handed_back",
          "timed_out",
          "timed_out_and_leased_again",
          "terminated",
          "completed_by_id",
          "completed_and_rerun",
          "deleted");

  private static final String BROKEN = "{\"failure\":{\"type\":\"broken\"}}";

  private LateLease() {}

  /** The token of the lease that is over. */
  static String bring(LiveApi live, StagedJob job, String fate) {
    if (fate.startsWith("timed_out")) {
      job.attemptsTakeAtMost("100ms");
    }
    job.bring("started");
    String token = job.token();
    switch (fate) {
      case "completed" -> job.report("complete", "{\"result\":1}", 200);
      case "failed" -> job.report("fail", BROKEN, 200);
      case "failed_for_good" ->
          job.report("fail", "{\"failure\":{\"type\":\"broken\",\"nonRetryable\":true}}", 200);
      case "paused_when_failed" -> {
        job.control("pause", "", 200);
        job.report("fail", BROKEN, 200);
      }
      case "reset_when_failed" -> {
        job.control("reset", "", 200);
        job.report("fail", BROKEN, 200);
      }
      case "failed_and_leased_again" -> {
        job.report("fail", BROKEN, 200);
        job.control("retry-now", "", 200);
        job.lease();
      }
      case "reset_and_leased_again" -> {
        job.control("reset", "", 200);
        job.report("fail", BROKEN, 200);
        job.lease();
      }
      case "handed_back" -> job.report("hand-back", "", 204);
      case "handed_back_and_leased_again" -> {
        job.report("hand-back", "", 204);
        job.lease();
      }
      case "canceled" -> {
        job.control("cancel", "", 200);
        job.report("canceled", "{}", 200);
      }
      case "canceled_when_handed_back" -> {
        job.control("cancel", "", 200);
        job.report("hand-back", "", 204);
      }
      case "timed_out" -> live.settle(() -> job.state().equals("backoff"));
      case "timed_out_and_leased_again" -> {
        live.settle(() -> job.state().equals("backoff"));
        job.control("retry-now", "", 200);
        job.lease();
      }
      case "terminated" -> job.control("terminate", "", 200);
      case "completed_by_id" -> job.control("complete", "{\"result\":1}", 200);
      case "completed_and_rerun" -> {
        job.report("complete", "{\"result\":1}", 200);
        job.control("rerun", "", 201);
      }
      case "deleted" -> live.client().delete("/v1/jobs/" + job.id);
      default -> throw new IllegalArgumentException(fate);
    }
    return token;
  }
}
