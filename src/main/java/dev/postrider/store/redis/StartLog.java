package dev.postrider.store.redis;

import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.store.JobPage;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the logs of starts, newest first, merging those of all partitions by the moment of the
 * start. A cursor is a place in each partition's log, joined by commas; empty = its end has been
 * reached.
 */
final class StartLog {
  private static final String BEGINNING = "+";
  private static final String END = "";
  private static final Predicate<String> IS_PLACE =
      Pattern.compile("\\+?|\\d{1,15}:\\d{1,9}:\\d{1,9}").asMatchPredicate();

  private final Calls calls;
  private final Keys keys;

  StartLog(Calls calls, Keys keys) {
    this.calls = calls;
    this.keys = keys;
  }

  private record Run(JobKey key, JobRecord record, JobReader.Beside beside, String cursor) {}

  /**
   * What was read of one partition.
   *
   * @param next where its log goes on after {@code runs}
   */
  private record Stretch(Deque<Run> runs, String next) {}

  Future<JobPage> read(String namespace, @Nullable String cursor, int limit) {
    String[] places = new String[keys.partitions()];
    Arrays.fill(places, BEGINNING);
    if (cursor != null) {
      places = cursor.split(",", -1);
      if (places.length != keys.partitions() || !Arrays.stream(places).allMatch(IS_PLACE)) {
        return Future.failedFuture(new IllegalArgumentException("no cursor: " + cursor));
      }
    }
    List<Future<Stretch>> reads = new ArrayList<>();
    for (int p = 0; p < places.length; p++) {
      reads.add(
          places[p].equals(END)
              ? Future.succeededFuture(new Stretch(new ArrayDeque<>(), END))
              : stretch(p, places[p], limit));
    }
    String[] from = places;
    return Future.all(reads).map(all -> merge(namespace, all.list(), from, limit));
  }

  private Future<Stretch> stretch(int partition, String place, int limit) {
    List<Object> arguments = calls.arguments();
    arguments.add(place.equals(BEGINNING) ? "" : place);
    arguments.add(Integer.toString(limit));
    return calls
        .run(Scripts.LIST, List.of(keys.meta(partition)), arguments)
        .map(
            reply -> {
              Deque<Run> runs = new ArrayDeque<>();
              for (int i = 2; i + 6 < reply.size(); i += 7) {
                runs.add(run(reply, i));
              }
              return new Stretch(runs, reply.get(1).toString());
            });
  }

  private static Run run(Response reply, int at) {
    JobRecord record = new JobRecord(reply.get(at + 2).toBuffer());
    Buffer attempt = reply.get(at + 6).toBuffer();
    JobReader.Beside beside =
        new JobReader.Beside(
            null,
            reply.get(at + 5).toBuffer(),
            null,
            orNull(reply.get(at + 4)),
            attempt.length() == 0 ? List.of() : List.of(attempt),
            List.of(""),
            orNull(reply.get(at + 3)),
            0);
    return new Run(
        Keys.jobKey(reply.get(at + 1).toString()), record, beside, reply.get(at).toString());
  }

  private static @Nullable String orNull(Response text) {
    return text.toString().isEmpty() ? null : text.toString();
  }

  private static JobPage merge(
      String namespace, List<Stretch> stretches, String[] from, int limit) {
    String[] places = from.clone();
    List<Job> jobs = new ArrayList<>();
    List<String> cursors = new ArrayList<>();
    for (int looked = 0; looked < limit; looked++) {
      int newest = newest(stretches);
      if (newest < 0) {
        break;
      }
      Stretch stretch = stretches.get(newest);
      Run run = stretch.runs().remove();
      places[newest] = run.cursor();
      if (stretch.runs().isEmpty()) {
        places[newest] = stretch.next();
      }
      if (run.key().namespace().equals(namespace)) {
        jobs.add(JobReader.listed(run.key(), run.record(), run.beside()));
        cursors.add(String.join(",", places));
      }
      if (stretch.runs().isEmpty() && !stretch.next().equals(END)) {
        // what comes next of this partition is not known: the others may not run ahead of it
        break;
      }
    }
    for (int p = 0; p < places.length; p++) {
      if (stretches.get(p).runs().isEmpty()) {
        places[p] = stretches.get(p).next();
      }
    }
    boolean ended = Arrays.stream(places).allMatch(END::equals);
    return new JobPage(jobs, cursors, ended ? null : String.join(",", places));
  }

  private static int newest(List<Stretch> stretches) {
    int newest = -1;
    for (int p = 0; p < stretches.size(); p++) {
      Run run = stretches.get(p).runs().peek();
      if (run != null
          && (newest < 0 || created(run) > created(stretches.get(newest).runs().element()))) {
        newest = p;
      }
    }
    return newest;
  }

  private static long created(Run run) {
    return run.record().createdAt().toEpochMilli();
  }
}
