package dev.postrider.api.query;

import dev.postrider.job.Job;
import java.util.List;
import java.util.function.Predicate;

/** What a job must meet to be in a list. */
public sealed interface Condition extends Predicate<Job> {

  /** The field has exactly this value. */
  record Equal(ListField field, String value) implements Condition {
    @Override
    public boolean test(Job job) {
      return field.valueOf(job).equals(value);
    }
  }

  /** All of them hold; of none of them, every job. */
  record And(List<Condition> conditions) implements Condition {
    public And {
      conditions = List.copyOf(conditions);
    }

    @Override
    public boolean test(Job job) {
      for (Condition condition : conditions) {
        if (!condition.test(job)) {
          return false;
        }
      }
      return true;
    }
  }
}
