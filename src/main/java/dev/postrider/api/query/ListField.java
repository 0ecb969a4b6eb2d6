package dev.postrider.api.query;

import dev.postrider.job.Job;
import dev.postrider.job.JobStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What lists can be filtered by. */
enum ListField {
  EXECUTION_STATUS("ExecutionStatus") {
    @Override
    String valueOf(Job job) {
      return job.state().status().queryName();
    }

    @Override
    Optional<List<String>> words() {
      return Optional.of(Arrays.stream(JobStatus.values()).map(JobStatus::queryName).toList());
    }
  },
  TASK_QUEUE("TaskQueue") {
    @Override
    String valueOf(Job job) {
      return job.taskQueue().name();
    }
  };

  private final String queryName;

  ListField(String queryName) {
    this.queryName = queryName;
  }

  String queryName() {
    return queryName;
  }

  /** The job's value, as a query writes it. */
  abstract String valueOf(Job job);

  /** The only values there are, if they are few. */
  Optional<List<String>> words() {
    return Optional.empty();
  }

  static Optional<ListField> ofQueryName(String name) {
    return Arrays.stream(ListField.values()).filter(f -> f.queryName.equals(name)).findFirst();
  }

  static String allQueryNames() {
    return Arrays.stream(ListField.values())
        .map(ListField::queryName)
        .collect(Collectors.joining(" or "));
  }
}
