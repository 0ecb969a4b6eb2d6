package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Starts;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code job/list.lua}. */
class JobListScriptTest extends ScriptTest {
  private void list(String cursor, int limit) {
    run(Scripts.LIST, List.of(), cursor, limit);
  }

  @Test
  void noJobs_areAnEmptyPage() {
    list("", 10);
    assertReply("{page, }");
    assertNothingChanged();
  }

  @Test
  void theNewest_comeFirst() {
    start(Starts.job("a"), Starts.job("b"), Starts.job("c"));
    list("", 10);
    assertReply(
        "{page, , 0:3:1, default/c, <c------->, , , , , 0:2:1, default/b, <b------->, , , , , 0:1:1, default/a, <a------->, , , , }");
  }

  @Test
  void aPageThatIsFull_saysWhereToGoOn() {
    start(Starts.job("a"), Starts.job("b"), Starts.job("c"));
    list("", 2);
    assertReply(
        "{page, 0:2:1, 0:3:1, default/c, <c------->, , , , , 0:2:1, default/b, <b------->, , , , }");
    list("0:2:1", 2);
    assertReply("{page, , 0:1:1, default/a, <a------->, , , , }");
  }

  @Test
  void startsOfOneCall_areReadOneByOne() {
    Object[] a = startArguments(Starts.job("a").build(), "a\n");
    Object[] b = startArguments(Starts.job("b").build(), "b\n\n");
    run(
        Scripts.START,
        List.of("a", "b"),
        "n1",
        "0",
        "",
        "1",
        a[4],
        a[5],
        a[6],
        a[7],
        a[8],
        "2",
        a[10],
        a[11],
        b[10],
        b[11],
        "0");
    list("", 1);
    assertReply("{page, 0:1:2, 0:1:2, default/b, <b\\n\\n----->, , , , }");
    list("0:1:2", 2);
    assertReply("{page, , 0:1:1, default/a, <a\\n------>, , , , }");
  }

  @Test
  void theNextChunk_isReadOn() {
    start(Starts.job("a"));
    redis.call("HSET", key("m"), "chunk", "1", "chunk_count", "0");
    at(1);
    start(Starts.job("b"));
    list("", 10);
    assertReply(
        "{page, , 1:1:1, default/b, <b------->, , , , , 0:1:1, default/a, <a------->, , , , }");
    list("1:1:1", 10);
    assertReply("{page, , 0:1:1, default/a, <a------->, , , , }");
  }

  @Test
  void aDeletedRun_isPassedOverAndCountsAsLookedAt() {
    start(Starts.job("a"), Starts.job("b"));
    run(Scripts.DELETE, "b", "");
    list("", 1);
    assertReply("{page, 0:2:1}");
    list("0:2:1", 1);
    assertReply("{page, 0:1:1, 0:1:1, default/a, <a------->, , , , }");
  }

  @Test
  void everyRunOfAnId_isListed() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "", "");
    start(Starts.job("a").build(), "a2");
    list("", 10);
    assertReply(
        "{page, , 0:2:1, default/a, <a2------>, , , , , 0:1:1, default/a, <a------->, , , , }");
  }

  @Test
  void aCursorOfADeletedChunk_goesOnWithTheNext() {
    start(Starts.job("a"));
    redis.call("HSET", key("m"), "chunk", "2", "chunk_count", "0");
    list("1:5:7", 10);
    assertReply("{page, , 0:1:1, default/a, <a------->, , , , }");
  }

  @Test
  void whatListsShowBesideARecord_comesWithIt() {
    start(Starts.job("a"), Starts.job("b"), Starts.job("c"));
    lease("call", 2);
    fail("a", 1, "call", "bad", "n");
    fail("b", 1, "call");
    control(Scripts.CANCEL, "c", "", "enough");
    list("", 10);
    assertThat(reply())
        .contains("default/c, <c------->, , enough, , , ")
        .containsPattern("default/b, <b------->, w1, , , [^,]*<http.503>, ")
        .contains("default/a, <a------->, w1, , <bad>, }");
  }
}
