package dev.postrider.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;
import org.slf4j.LoggerFactory;

class BlockedThreadsFailTest {

  @Test
  void aTestDuringWhichTheCheckerSpeaksFails() {
    var summary = run(Reported.class);

    assertThat(summary.getTestsFailedCount()).isEqualTo(1);
    assertThat(summary.getFailures().get(0).getException())
        .hasMessageContaining("Thread[eventloop] has been blocked for 1000 ms");
  }

  @Test
  void aTestInWhichNothingBlocksSucceeds() {
    assertThat(run(Quiet.class).getTestsSucceededCount()).isEqualTo(1);
  }

  private static TestExecutionSummary run(Class<?> tests) {
    var summary = new SummaryGeneratingListener();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request().selectors(selectClass(tests)).build(),
            summary);
    return summary.getSummary();
  }

  static class Reported {
    @Test
    void reported() {
      LoggerFactory.getLogger(BlockedThreadsFail.CHECKER)
          .warn("Thread[eventloop] has been blocked for 1000 ms");
    }
  }

  static class Quiet {
    @Test
    void quiet() {}
  }
}
