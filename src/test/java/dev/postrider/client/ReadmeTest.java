package dev.postrider.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The worker of the README does what is said there. */
@ExtendWith(RedisExtension.class)
class ReadmeTest {
  private static final Path SOURCE = Path.of("src/test/java/dev/postrider/client/ReadmeTest.java");

  private final List<String> sent = new CopyOnWriteArrayList<>();

  record Newsletter(List<String> readers) {}

  @Test
  void theWorkerSendsToEachReaderOnce(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        JobClient client = rig.client()) {
      // begin of the worker
      client
          .newWorker("mail")
          .handle(
              "send-newsletter",
              Newsletter.class,
              (context, newsletter) -> {
                int next = context.heartbeatDetails(Integer.class).orElse(0);
                for (; next < newsletter.readers().size(); next++) {
                  send(newsletter.readers().get(next), context.idempotencyKey() + "/" + next);
                  context.heartbeat(next + 1);
                }
                return next;
              })
          .start();
      // end of the worker

      // begin of the start
      JobHandle job =
          client.start(
              StartOptions.newBuilder("send-newsletter", "mail")
                  .id("newsletter-17")
                  .input(new Newsletter(List.of("ada@example.org", "grace@example.org")))
                  .startToCloseTimeout(Duration.ofHours(1))
                  .heartbeatTimeout(Duration.ofSeconds(30))
                  .build());
      int count = job.result(Integer.class);
      // end of the start

      assertThat(count).isEqualTo(2);
      assertThat(sent)
          .containsExactly(
              "ada@example.org job:default/newsletter-17/0",
              "grace@example.org job:default/newsletter-17/1");
    }
  }

  @Test
  void theReadmeShowsThatWorker() throws IOException {
    String readme = squeezed(Files.readString(Path.of("README.md")));
    String source = Files.readString(SOURCE);

    assertThat(readme).contains(squeezed(part(source, "worker")), squeezed(part(source, "start")));
  }

  private void send(String reader, String key) {
    sent.add(reader + " " + key);
  }

  private static String part(String source, String name) {
    String begin = "// begin of the " + name + "\n";
    int from = source.indexOf(begin) + begin.length();
    return source.substring(from, source.indexOf("// end of the " + name));
  }

  /** Without what differs by the width of a page. */
  private static String squeezed(String text) {
    return text.replaceAll("\\s", "");
  }
}
