package dev.postrider.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.IdConflictPolicy;
import dev.postrider.job.IdReusePolicy;
import dev.postrider.job.JobStatus;
import dev.postrider.job.StartPolicies;
import dev.postrider.simulation.IdPolicyTable.Latest;
import dev.postrider.simulation.IdPolicyTable.Row;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The model keeps the contract that the store keeps. */
class ModelJobStoreTest extends JobStoreContract {
  @Override
  Rig rig() {
    return new ModelRig(
        new ModelStore.Settings(1, Duration.ofHours(1), 100, RandomLimits.MAX_ENTRIES, key -> 0),
        1);
  }

  @Test
  void theIdPolicyTableHasEveryCaseOnce() {
    List<Row> rows = IdPolicyTable.rows();
    Set<List<Object>> cases = new HashSet<>();
    rows.forEach(
        r -> cases.add(List.of(r.latest(), r.sameRequestId(), r.policies(), r.samePayload())));
    int policies = IdConflictPolicy.values().length * IdReusePolicy.values().length * 2;
    assertThat(rows).hasSize(Latest.values().length * 2 * policies * 2);
    assertThat(cases).hasSameSizeAs(rows);
  }

  @Test
  void returnExistingAnswersWhateverTheStatus() {
    StartPolicies policies =
        new StartPolicies(IdConflictPolicy.FAIL, IdReusePolicy.RETURN_EXISTING, false);
    assertThat(IdRules.decide(JobStatus.TIMED_OUT, false, policies, false))
        .isEqualTo(IdRules.Answer.EXISTING);
    assertThat(IdRules.decide(JobStatus.PAUSED, false, policies, false))
        .isEqualTo(IdRules.Answer.ALREADY_STARTED);
  }
}
