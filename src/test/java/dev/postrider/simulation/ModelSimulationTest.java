package dev.postrider.simulation;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.simulation.ModelStore.Settings;
import dev.postrider.store.Completion;
import dev.postrider.store.JobStore;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.ReportResult;
import dev.postrider.store.TaskQueues;
import dev.postrider.store.UpdateLimitsResult;
import dev.postrider.store.Waits;
import dev.postrider.store.Wakeup;
import io.vertx.core.Future;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
      new Simulation(seed -> new ModelRig(settings(1), seed), limits).play(1, 8, 300);
      new Simulation(seed -> new ModelRig(settings(4), seed), limits).play(1, 4, 300);
    }
  }

  /** What a store may get wrong, and what the simulation says to it. */
  enum Flaw {
    FORGETS_COMPLETIONS("complete"),
    FORGETS_PAUSES("not told that nothing is given"),
    FORGETS_CHANGES_OF_LIMITS("limits"),
    TELLS_NOBODY_HOW_LONG_TO_WAIT("left behind"),
    CALLS_NOBODY("nobody was told");

    private final String said;

    Flaw(String said) {
      this.said = said;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStoreWithAFlawIsFoundOut(Flaw flaw) {
    Simulation simulation =
        new Simulation(seed -> new Flawed(flaw, settings(1), seed), RandomLimits.RATES);

    assertThatThrownBy(() -> simulation.play(1, 20, 300))
        .hasMessageContaining("-Dseed=")
        .hasMessageContaining(flaw.said);
  }

  private static final class Flawed extends ModelRig {
    private final Flaw flaw;

    Flawed(Flaw flaw, Settings settings, long seed) {
      super(settings, seed);
      this.flaw = flaw;
    }

    @Override
    public JobStore store(int node) {
      return instead(
          JobStore.class,
          super.store(node),
          (store, method, arguments) ->
              switch (method) {
                case "complete" ->
                    flaw == Flaw.FORGETS_COMPLETIONS
                        ? store
                            .describe(((Completion) arguments[0]).token().key(), null)
                            .map(any -> new ReportResult.LeaseLost())
                        : null;
                case "lease" ->
                    flaw == Flaw.TELLS_NOBODY_HOW_LONG_TO_WAIT
                        ? store
                            .lease((LeaseRequest) arguments[0])
                            .map(
                                all ->
                                    new LeaseResult(
                                        all.tasks(), all.notices(), all.more(), Waits.NONE))
                        : null;
                default -> null;
              });
    }

    @Override
    public TaskQueues queues(int node) {
      return instead(
          TaskQueues.class,
          super.queues(node),
          (queues, method, arguments) ->
              switch (method) {
                case "pause" -> flaw == Flaw.FORGETS_PAUSES ? Future.succeededFuture() : null;
                case "updateLimits" ->
                    flaw == Flaw.FORGETS_CHANGES_OF_LIMITS
                        ? Future.succeededFuture(new UpdateLimitsResult.Updated())
                        : null;
                default -> null;
              });
    }

    @Override
    public Set<Wakeup> wakeups() {
      Set<Wakeup> all = super.wakeups();
      if (flaw == Flaw.CALLS_NOBODY) {
        all.removeIf(wakeup -> !(wakeup instanceof Wakeup.Noticed));
      }
      return all;
    }
  }

  /** What is answered to a call in place of what {@code of} would; null = that. */
  private interface Answers<T> {
    @Nullable Object to(T of, String method, Object[] arguments);
  }

  private static <T> T instead(Class<T> type, T of, Answers<T> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              Object answer = answers.to(of, method.getName(), arguments);
              return answer == null ? method.invoke(of, arguments) : answer;
            }));
  }
}
