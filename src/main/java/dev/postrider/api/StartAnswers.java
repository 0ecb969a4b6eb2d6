package dev.postrider.api;

import dev.postrider.job.Job;
import dev.postrider.job.RunId;
import dev.postrider.store.StartResult;
import java.io.IOException;

/** How a start is answered, alone or in a batch. */
final class StartAnswers {

  private StartAnswers() {}

  static Answer answer(StartResult result) {
    Started started = started(result);
    return Answer.json(started.status(), started::write);
  }

  /** The run that answers; a refusal is thrown. */
  static Started started(StartResult result) {
    if (result instanceof StartResult.Started created) {
      return new Started(201, created.job());
    }
    if (result instanceof StartResult.Existing existing) {
      return new Started(200, existing.job());
    }
    if (result instanceof StartResult.AlreadyStarted taken) {
      throw conflict(
          ProblemCode.JOB_ALREADY_STARTED,
          "The id is taken by the run " + taken.runId() + ", and the id policies refuse another",
          taken.runId());
    }
    if (result instanceof StartResult.PayloadMismatch mismatch) {
      throw conflict(
          ProblemCode.PAYLOAD_MISMATCH,
          "The run " + mismatch.runId() + " with this id has another type or input",
          mismatch.runId());
    }
    throw new IllegalStateException("start answered " + result);
  }

  private static ProblemException conflict(ProblemCode code, String detail, RunId runId) {
    return Problem.of(code, detail).with("runId", runId.toString()).exception();
  }

  /** A run that answers a start. */
  record Started(int status, Job job) {
    void write(JsonOutput out) throws IOException {
      JobJson.write(out, job);
      out.bool("started", status == 201);
    }
  }
}
