package dev.postrider.simulation;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.simulation.ModelStore.Settings;
import dev.postrider.store.Completion;
import dev.postrider.store.JobStore;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.ReportResult;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The simulation finds nothing to say against the model, and says it when something is wrong. */
class ModelSimulationTest {
  private static Settings settings(int partitions) {
    return new Settings(
        partitions,
        Duration.ofMinutes(10),
        4,
        RandomLimits.MAX_ENTRIES,
        key -> Math.floorMod(key.hashCode(), partitions));
  }

  @Test
  void theModelKeepsItsOwnRules() {
    for (LimitsChange limits : List.of(RandomLimits.caps(6, 3, 2), RandomLimits.RATES)) {
      new Simulation(seed -> new ModelRig(settings(1), seed), limits).play(1, 12, 300);
      new Simulation(seed -> new ModelRig(settings(4), seed), limits).play(1, 6, 300);
    }
  }

  @Test
  void aStoreThatForgetsCompletionsIsFoundOut() {
    Simulation simulation =
        new Simulation(
            seed ->
                new ModelRig(settings(1), seed) {
                  @Override
                  public JobStore store(int node) {
                    return forgetful(super.store(node));
                  }
                },
            LimitsChange.NONE);

    assertThatThrownBy(() -> simulation.play(1, 20, 300))
        .hasMessageContaining("-Dseed=")
        .hasMessageContaining("complete");
  }

  private static JobStore forgetful(JobStore store) {
    return (JobStore)
        Proxy.newProxyInstance(
            JobStore.class.getClassLoader(),
            new Class<?>[] {JobStore.class},
            (proxy, method, arguments) ->
                method.getName().equals("complete")
                    ? store
                        .describe(((Completion) arguments[0]).token().key(), null)
                        .map(any -> new ReportResult.LeaseLost())
                    : method.invoke(store, arguments));
  }
}
