package dev.postrider.simulation;

import dev.postrider.job.Job;
import dev.postrider.job.JobContent;
import dev.postrider.job.JobOutcome;
import dev.postrider.store.JobPage;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** A page of the log of starts as the model would write it: all of it, newest first. */
final class ModelPage {
  private ModelPage() {}

  static JobPage of(ModelStore model, String namespace) {
    List<Job> jobs = runs(model, namespace).stream().map(run -> bare(run.describe())).toList();
    return new JobPage(jobs, Collections.nCopies(jobs.size(), "-"), null);
  }

  static List<ModelRun> runs(ModelStore model, String namespace) {
    return model
        .all()
        .filter(run -> run.birth.key().namespace().equals(namespace))
        .sorted(Comparator.comparingLong((ModelRun run) -> run.batch).reversed())
        .toList();
  }

  private static Job bare(Job job) {
    return new Job(
        job.key(),
        job.runId(),
        job.type(),
        job.taskQueue(),
        job.state(),
        job.options(),
        new JobContent(
            null,
            job.content().searchAttributes(),
            job.content().summary(),
            job.content().details()),
        job.times(),
        new JobOutcome(null, job.outcome().failure(), job.outcome().retryState()),
        null,
        List.of(),
        0,
        job.rerunOf());
  }
}
