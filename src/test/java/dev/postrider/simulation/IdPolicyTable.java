package dev.postrider.simulation;

import dev.postrider.job.IdConflictPolicy;
import dev.postrider.job.IdReusePolicy;
import dev.postrider.job.StartPolicies;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The truth table of ids: for every state of the latest run, every policy, request id and payload,
 * what a start answers. Written out, so that the model and the store are held against a text and
 * not against each other.
 */
final class IdPolicyTable {
  private IdPolicyTable() {}

  /** A state that the latest run of an id can be in when a start arrives. */
  enum Latest {
    NONE,
    DELETED,
    PAST_RETENTION,
    IN_START_DELAY,
    QUEUED,
    STARTED,
    IN_BACKOFF,
    CANCEL_REQUESTED,
    PAUSED,
    COMPLETED,
    FAILED,
    CANCELED,
    TERMINATED,
    TIMED_OUT;

    boolean exists() {
      return this != NONE && this != DELETED && this != PAST_RETENTION;
    }
  }

  /** One case and its answer. */
  record Row(
      Latest latest,
      boolean sameRequestId,
      StartPolicies policies,
      boolean samePayload,
      IdRules.Answer answer) {}

  private static final String TEXT =
      """
      latest     | request id | conflict           | reuse                       | mismatch | payload | answer
      absent     | *          | *                  | *                           | *        | *       | new_run
      existing   | same       | *                  | *                           | *        | *       | existing
      open       | other      | fail               | *                           | ignore   | *       | already_started
      open       | other      | fail               | *                           | reject   | same    | already_started
      open       | other      | fail               | *                           | reject   | another | payload_mismatch
      open       | other      | use_existing       | *                           | ignore   | *       | existing
      open       | other      | use_existing       | *                           | reject   | same    | existing
      open       | other      | use_existing       | *                           | reject   | another | payload_mismatch
      open       | other      | terminate_existing | *                           | *        | *       | terminate_then_new_run
      closed     | other      | *                  | allow_duplicate             | *        | *       | new_run
      completed  | other      | *                  | allow_duplicate_failed_only | ignore   | *       | already_started
      completed  | other      | *                  | allow_duplicate_failed_only | reject   | same    | already_started
      completed  | other      | *                  | allow_duplicate_failed_only | reject   | another | payload_mismatch
      unfinished | other      | *                  | allow_duplicate_failed_only | *        | *       | new_run
      closed     | other      | *                  | reject_duplicate            | ignore   | *       | already_started
      closed     | other      | *                  | reject_duplicate            | reject   | same    | already_started
      closed     | other      | *                  | reject_duplicate            | reject   | another | payload_mismatch
      closed     | other      | *                  | return_existing             | ignore   | *       | existing
      closed     | other      | *                  | return_existing             | reject   | same    | existing
      closed     | other      | *                  | return_existing             | reject   | another | payload_mismatch
      """;

  /** Every case once. */
  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    TEXT.lines()
        .skip(1)
        .map(line -> line.trim().split("\\s*\\|\\s*"))
        .forEach(f -> expand(f, rows));
    return rows;
  }

  private static void expand(String[] field, List<Row> rows) {
    for (Latest latest : latest(field[0])) {
      for (String requestId : values(field[1], "same", "other")) {
        for (IdConflictPolicy conflict :
            values(field[2], IdConflictPolicy.values(), IdConflictPolicy::wire)) {
          for (IdReusePolicy reuse :
              values(field[3], IdReusePolicy.values(), IdReusePolicy::wire)) {
            for (String mismatch : values(field[4], "ignore", "reject")) {
              for (String payload : values(field[5], "same", "another")) {
                rows.add(
                    new Row(
                        latest,
                        requestId.equals("same"),
                        new StartPolicies(conflict, reuse, mismatch.equals("reject")),
                        payload.equals("same"),
                        IdRules.Answer.valueOf(field[6].toUpperCase(Locale.ROOT))));
              }
            }
          }
        }
      }
    }
  }

  private static List<Latest> latest(String word) {
    return Stream.of(Latest.values())
        .filter(
            l ->
                switch (word) {
                  case "absent" -> !l.exists();
                  case "existing" -> l.exists();
                  case "open" -> l.exists() && l.compareTo(Latest.COMPLETED) < 0;
                  case "closed" -> l.compareTo(Latest.COMPLETED) >= 0;
                  case "completed" -> l == Latest.COMPLETED;
                  case "unfinished" -> l.compareTo(Latest.COMPLETED) > 0;
                  default -> throw new IllegalArgumentException(word);
                })
        .toList();
  }

  private static List<String> values(String word, String... all) {
    return word.equals("*") ? List.of(all) : List.of(word);
  }

  private static <T> List<T> values(String word, T[] all, Function<T, String> name) {
    return Arrays.stream(all).filter(v -> word.equals("*") || name.apply(v).equals(word)).toList();
  }
}
