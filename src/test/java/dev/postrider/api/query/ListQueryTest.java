package dev.postrider.api.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postrider.api.query.Condition.And;
import dev.postrider.api.query.Condition.Equal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListQueryTest {

  private static final Equal RUNNING = new Equal(ListField.EXECUTION_STATUS, "Running");
  private static final Equal ON_WEBHOOKS = new Equal(ListField.TASK_QUEUE, "webhooks");

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "\n"})
  void anEmptyQueryHoldsForEveryJob(String query) throws Exception {
    assertThat(ListQuery.parse(query)).isEqualTo(new And(List.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ExecutionStatus = 'Running' AND TaskQueue = 'webhooks'",
        "ExecutionStatus='Running'and\tTaskQueue=\"webhooks\"",
        " `ExecutionStatus` = 'Running' AND TaskQueue = 'webhooks' "
      })
  void conditionsAreJoinedByAnd(String query) throws Exception {
    assertThat(ListQuery.parse(query)).isEqualTo(new And(List.of(RUNNING, ON_WEBHOOKS)));
  }

  @Test
  void quotesInsideAStringAreDoubled() throws Exception {
    assertThat(ListQuery.parse("TaskQueue = 'it''s \"é\" = AND'"))
        .isEqualTo(new Equal(ListField.TASK_QUEUE, "it's \"é\" = AND"));
    assertThat(ListQuery.parse("TaskQueue = \"a\"\"'b\""))
        .isEqualTo(new Equal(ListField.TASK_QUEUE, "a\"'b"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Status = 'Running' | 1 | ExecutionStatus or TaskQueue",
        "executionstatus = 'Running' | 1 | ExecutionStatus or TaskQueue",
        "'Running' = ExecutionStatus | 1 | ExecutionStatus or TaskQueue",
        "TaskQueue | 10 | =",
        "TaskQueue != 'a' | 11 | =",
        "TaskQueue IN ('a') | 11 | =",
        "TaskQueue = | 12 | a string in quotes",
        "TaskQueue = a | 13 | a string in quotes",
        "TaskQueue = 5 | 13 | a string in quotes",
        "TaskQueue = -5.5 | 13 | a string in quotes",
        "TaskQueue = 'a | 15 | the closing quote '",
        "TaskQueue = 'a' OR TaskQueue = 'b' | 17 | AND or the end",
        "TaskQueue = 'a' AND | 20 | ExecutionStatus or TaskQueue",
        "TaskQueue = 'a' 'b' | 17 | AND or the end",
        "AND TaskQueue = 'a' | 1 | ExecutionStatus or TaskQueue",
        "(TaskQueue = 'a') | 1 | ExecutionStatus or TaskQueue",
        "TaskQueue = 'a'; | 16 | a field, a value or an operator",
        "ExecutionStatus = 'running' | 19 | one of 'Running' 'Paused' 'Completed' 'Failed' 'Canceled' 'Terminated' 'TimedOut'",
      })
  void whatCannotBeUnderstoodIsRefusedWithItsPlace(String query, int position, String expected) {
    InvalidQueryException refusal =
        catchThrowableOfType(InvalidQueryException.class, () -> ListQuery.parse(query));

    assertThat(refusal).isNotNull();
    assertThat(refusal.position()).isEqualTo(position);
    assertThat(refusal.expected()).isEqualTo(expected);
    assertThat(refusal).hasMessageContaining("at character " + position);
  }
}
