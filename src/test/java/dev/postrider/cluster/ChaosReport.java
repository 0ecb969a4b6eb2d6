package dev.postrider.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What workers that may be killed write down about the answers they get, see ChaosWorker. */
final class ChaosReport {

  private final List<Path> files = new ArrayList<>();
  private final Map<Path, Long> read = new HashMap<>();
  private final Map<String, Integer> counts = new TreeMap<>();

  /** The token under which each job's completion was accepted. */
  private final Map<String, String> tokens = new HashMap<>();

  /** Another file of a worker, which need not be there yet. */
  void add(Path file) {
    files.add(file);
  }

  /** Reads on, up to the last whole line of each file. */
  ChaosReport read() {
    for (Path file : files) {
      if (Files.exists(file)) {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
          long from = read.getOrDefault(file, 0L);
          byte[] bytes = new byte[(int) (in.length() - from)];
          in.seek(from);
          in.readFully(bytes);
          String text = new String(bytes, UTF_8);
          String whole = text.substring(0, text.lastIndexOf('\n') + 1);
          whole.lines().forEach(line -> take(line.split(" ", -1)));
          read.put(file, from + whole.getBytes(UTF_8).length);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return this;
  }

  private void take(String[] words) {
    counts.merge(words[0] + " " + words[3] + " " + words[4], 1, Integer::sum);
    if (words[3].equals("200") && Set.of("completed", "repeated", "late").contains(words[0])) {
      String other = tokens.put(words[1], words[2]);
      assertThat(other == null || other.equals(words[2]))
          .as("two completions of %s accepted: %s and %s", words[1], other, words[2])
          .isTrue();
    }
  }

  /** How often each thing happened, with the answer's status and code. */
  Map<String, Integer> counts() {
    return counts;
  }

  /** How many things happened whose name begins so. */
  int count(String prefix) {
    return counts.entrySet().stream()
        .filter(e -> e.getKey().startsWith(prefix))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  /** How many jobs are known to be completed. */
  int completed() {
    return tokens.size();
  }

  /** The token that completed a job; null where the worker was killed before it was told. */
  @Nullable String token(String job) {
    return tokens.get(job);
  }
}
