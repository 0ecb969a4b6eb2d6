package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.JobKey;
import dev.postrider.job.TaskQueue;
import dev.postrider.store.Wakeup;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class WakeupMessagesTest {
  private final WakeupMessages messages = new WakeupMessages(1);

  private Object read(String message) {
    return messages.read("{0}wake", Buffer.buffer(message)).map(Object.class::cast).orElse("none");
  }

  @Test
  void eachMessage_isReadAsWhatItSays() {
    assertThat(read("qa%2Fb/mail/urgent"))
        .isEqualTo(new Wakeup.Leasable(new TaskQueue("a/b", "mail/urgent")));
    assertThat(read("na%2Fb/host/7")).isEqualTo(new Wakeup.Noticed("a/b", "host/7"));
    assertThat(read("x\0\0\0\0\0\0\0\7default/a"))
        .isEqualTo(new Wakeup.Abort(new JobKey("default", "a"), 7));
  }

  @Test
  void whatAnotherVersionMayHaveSent_isPassedOver() {
    assertThat(read("?default/a")).isEqualTo("none");
    assertThat(read("")).isEqualTo("none");
    assertThat(read("n")).isEqualTo("none");
  }
}
