package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.job.Priority;
import org.jspecify.annotations.Nullable;

/** Changes to members of a priority, each on its own. */
record PriorityChanges(
    Change<Long> priorityKey, Change<String> fairnessKey, Change<Double> fairnessWeight) {

  static @Nullable PriorityChanges read(@Nullable Fields fields) {
    if (fields == null) {
      return null;
    }
    PriorityChanges changes =
        new PriorityChanges(
            Change.of(fields, "priorityKey", name -> OptionFields.priorityKey(fields, name)),
            Change.of(fields, "fairnessKey", name -> OptionFields.fairnessKey(fields, name)),
            Change.of(fields, "fairnessWeight", name -> OptionFields.fairnessWeight(fields, name)));
    fields.end();
    return changes;
  }

  Priority applyTo(Priority now) {
    Priority otherwise = Priority.DEFAULT;
    return new Priority(
        priorityKey.or((long) now.priorityKey(), (long) otherwise.priorityKey()).intValue(),
        fairnessKey.or(now.fairnessKey(), otherwise.fairnessKey()),
        fairnessWeight.or(now.fairnessWeight(), otherwise.fairnessWeight()));
  }
}
