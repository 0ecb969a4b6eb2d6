package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.dispatch.Jobs;
import dev.postrider.job.JobKey;
import dev.postrider.store.Control;
import dev.postrider.store.UpdateOptionsResult;
import io.vertx.core.Future;

/** Changing how a job is tried after its start. */
final class OptionsRoutes {

  private final Jobs jobs;
  private final ApiLimits limits;

  OptionsRoutes(Jobs jobs, ApiLimits limits) {
    this.jobs = jobs;
    this.limits = limits;
  }

  Future<Answer> updateOptions(Exchange exchange) {
    JobKey key = exchange.key();
    return exchange
        .optionalBody(limits.maxBodyBytes())
        .compose(
            fields -> {
              Control control = ControlRoutes.control(key, fields, limits);
              OptionChanges changes = OptionChanges.read(fields);
              boolean restore = Boolean.TRUE.equals(fields.bool("restoreOriginal"));
              fields.end();
              checkSense(fields, changes, restore);
              exchange.check();
              Future<UpdateOptionsResult> updated =
                  restore
                      ? jobs.restoreOptions(control)
                      : jobs.updateOptions(control, changes::applyTo);
              return updated.map(result -> answer(result, control));
            });
  }

  private static void checkSense(Fields fields, OptionChanges changes, boolean restore) {
    if (restore && !changes.isEmpty()) {
      fields.report("restoreOriginal", "must stand alone");
    } else if (!restore && changes.isEmpty() && fields.errors().isEmpty()) {
      fields.reportSelf("must name an option to change, or restoreOriginal: true");
    }
  }

  private static Answer answer(UpdateOptionsResult result, Control control) {
    if (result instanceof UpdateOptionsResult.Applied applied) {
      return Answer.json(200, out -> JobJson.write(out, applied.job()));
    }
    if (result instanceof UpdateOptionsResult.Closed closed) {
      throw ControlAnswers.closed(closed.status());
    }
    if (result instanceof UpdateOptionsResult.InvalidState state) {
      throw ControlAnswers.invalidState(state.status(), state.runState());
    }
    throw JobRoutes.notFound(control.key(), control.runId());
  }
}
