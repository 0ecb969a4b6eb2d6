package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.redis.Script;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.TestStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The header of each script is a contract: here it is held against those who call it. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class ScriptHeaderTest {
  private static final Pattern HEADER =
      Pattern.compile("#!lua[^\n]*\n--\\[\\[\n(.*?)\n]]", Pattern.DOTALL);
  private static final Pattern INDEX = Pattern.compile("(KEYS|ARGV)\\[(\\d+)(?:-(\\d+))?(…)?]");

  private record Call(Script script, List<?> keys, List<?> arguments) {}

  static Stream<Script> scripts() {
    return Scripts.ALL.stream();
  }

  private static String header(Script script) {
    Matcher header = HEADER.matcher(LuaSource.text(script.name()));
    assertThat(header.lookingAt()).as("%s begins with its header", script.name()).isTrue();
    return header.group(1);
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void aHeader_namesKeysArgumentsAndReplies(Script script) {
    assertThat(header(script)).contains("KEYS[1]", "ARGV[1", "  Returns");
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void aHeader_namesEveryArgumentThatTheBodyReads(Script script) {
    String text = LuaSource.text(script.name());
    int named = last("ARGV", header(script));
    Matcher read = Pattern.compile("ARGV\\[(\\d+)]").matcher(text.substring(text.indexOf("\n]]")));
    while (read.find()) {
      assertThat(Integer.parseInt(read.group(1))).isLessThanOrEqualTo(Math.max(named, 6));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void everyCall_bringsTheKeysAndArgumentsThatTheHeaderNames(
      int partitions, RedisServer redis, Vertx vertx) {
    List<Call> calls = new ArrayList<>();
    TestStore store =
        new TestStore(
            vertx,
            redis,
            TestStore.Options.DEFAULT
                .withPartitions(partitions)
                .withMaxInFlightPerDestination(2)
                .withBetween(runner -> new Recorder(runner, calls)));
    EveryCall.on(store);

    Set<String> seen = new HashSet<>();
    for (Call call : calls) {
      seen.add(call.script.name());
      assertThat(call.keys).as("keys of %s", call).hasSize(keysOf(call));
      assertThat(call.arguments).as("arguments of %s", call.script).hasSize(argumentsOf(call));
      Set<String> tags = new HashSet<>();
      call.keys.forEach(key -> tags.add(key.toString().replaceFirst("}.*", "")));
      assertThat(tags).as("partitions of %s", call).hasSize(1);
    }
    Set<Script> betweenPartitions = Set.of(Scripts.LIMIT, Scripts.FOLLOW_QUEUE);
    assertThat(seen)
        .containsExactlyInAnyOrderElementsOf(
            Scripts.ALL.stream()
                .filter(script -> partitions > 1 || !betweenPartitions.contains(script))
                .map(Script::name)
                .toList());
  }

  @Test
  void aScriptThatOnlyReads_saysSo() {
    assertThat(Scripts.ALL)
        .filteredOn(script -> LuaSource.text(script.name()).startsWith("#!lua flags=no-writes\n"))
        .containsExactlyInAnyOrder(Scripts.DESCRIBE, Scripts.LIST, Scripts.DESCRIBE_QUEUE);
  }

  @Test
  void onlyWhatAddsWork_isRefusedByAFullRedis() {
    assertThat(Scripts.ALL)
        .filteredOn(script -> LuaSource.text(script.name()).startsWith("#!lua\n"))
        .containsExactlyInAnyOrder(Scripts.START, Scripts.RERUN);
  }

  /** Either the last one that the header names, or one for each entry of the call. */
  private static int keysOf(Call call) {
    return header(call.script).contains("KEYS[2…]")
        ? 1 + entriesOf(call)
        : last("KEYS", header(call.script));
  }

  private static int entriesOf(Call call) {
    List<?> arguments = call.arguments;
    return switch (call.script.name()) {
      case "job/start" -> {
        int jobs = 0;
        int at = 7;
        for (int group = 0; group < number(arguments, 6); group++) {
          int count = number(arguments, at + 5);
          jobs += count;
          at += 6 + 2 * count;
        }
        yield jobs;
      }
      case "task/complete", "task/fail", "task/canceled", "task/heartbeat" -> number(arguments, 6);
      case "task/hand_back", "task/notify" -> arguments.size() - 3;
      default -> throw new AssertionError("no way to count the keys of " + call.script);
    };
  }

  private static int argumentsOf(Call call) {
    List<?> arguments = call.arguments;
    return switch (call.script.name()) {
      case "job/start" -> withLeases(arguments, 7 + 6 * number(arguments, 6) + 2 * entriesOf(call));
      case "task/complete" -> withLeases(arguments, 7 + 3 * number(arguments, 6));
      case "task/fail" -> withLeases(arguments, 7 + 6 * number(arguments, 6));
      case "task/canceled", "task/heartbeat" -> withLeases(arguments, 7 + 2 * number(arguments, 6));
      case "task/lease" -> withLeases(arguments, 6);
      case "task/hand_back", "task/notify" -> 3 + call.keys.size() - 1;
      case "queue/update_limits" -> inGroups(arguments, 9, 2);
      case "queue/limit" -> inGroups(arguments, 6, 3);
      case "queue/follow" -> inGroups(arguments, 6, 2);
      default -> {
        String before = header(call.script).replaceFirst("(?s)\n  Returns.*", "");
        assertThat(before).doesNotContain("…", "for each", "\n  then ");
        yield last("ARGV", header(call.script));
      }
    };
  }

  /** The number of leases asked for, and six arguments for each. */
  private static int withLeases(List<?> arguments, int at) {
    return at + 1 + 6 * number(arguments, at);
  }

  /** Any number of groups of arguments behind the first ones. */
  private static int inGroups(List<?> arguments, int first, int size) {
    return arguments.size() - (arguments.size() - first) % size;
  }

  private static int number(List<?> arguments, int at) {
    return Integer.parseInt(arguments.get(at).toString());
  }

  private static int last(String kind, String header) {
    int last = 0;
    Matcher index = INDEX.matcher(header);
    while (index.find()) {
      if (index.group(1).equals(kind)) {
        String to = index.group(3) == null ? index.group(2) : index.group(3);
        last = Math.max(last, Integer.parseInt(to));
      }
    }
    return last;
  }

  private record Recorder(ScriptRunner next, List<Call> calls) implements ScriptRunner {
    @Override
    public Future<@Nullable Response> run(Script script, List<?> keys, List<?> args) {
      calls.add(new Call(script, List.copyOf(keys), List.copyOf(args)));
      return next.run(script, keys, args);
    }

    @Override
    public Future<@Nullable Response> send(Request request) {
      return next.send(request);
    }

    @Override
    public void onUp(Runnable handler) {
      next.onUp(handler);
    }
  }
}
