package dev.postrider.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A command in a document's fenced {@code console} block with what it is shown to print.
 *
 * @param command what stands behind {@code "$ "}
 * @param shown the lines until the next command or the end of the block
 */
record Console(String command, List<String> shown) {

  private static final String ELISION = "…";
  private static final Pattern VOLATILE =
      Pattern.compile(
          "(?<instant>\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z)"
              + "|(?<run>\\b[0-9a-f]{16}\\b)"
              + "|(?<took>\"durationMs\":\\d+)"
              + "|(?<backoff>\"waitingFor\":\"backoff\",\"attempt\":\\d+)"
              + "|(?<header>\"Postrider-Attempt\":\"\\d+\")"
              + "|"
              + ELISION);

  /** All commands of a text, in order. */
  static List<Console> in(String markdown) {
    List<Console> commands = new ArrayList<>();
    boolean inside = false;
    for (String line : markdown.split("\n", -1)) {
      if (line.startsWith("```")) {
        inside = line.strip().equals("```console");
      } else if (inside && line.startsWith("$ ")) {
        commands.add(new Console(line.substring(2), new ArrayList<>()));
      } else if (inside && !commands.isEmpty() && !line.isBlank()) {
        commands.get(commands.size() - 1).shown().add(line);
      }
    }
    return commands;
  }

  /**
   * Whether the lines shown are among those printed, in that order. An ellipsis stands for
   * anything; instants, run ids, durations, and how many attempts there were during a back-off may
   * differ.
   */
  boolean isShownBy(List<String> printed) {
    int next = 0;
    for (String line : shown) {
      Pattern pattern = patternOf(line);
      while (next < printed.size() && !pattern.matcher(printed.get(next)).matches()) {
        next++;
      }
      if (next++ >= printed.size()) {
        return false;
      }
    }
    return true;
  }

  private static Pattern patternOf(String line) {
    var pattern = new StringBuilder();
    var matcher = VOLATILE.matcher(line);
    int from = 0;
    while (matcher.find()) {
      pattern.append(Pattern.quote(line.substring(from, matcher.start())));
      pattern.append(loosely(matcher.group()));
      from = matcher.end();
    }
    return Pattern.compile(pattern.append(Pattern.quote(line.substring(from))).toString());
  }

  private static String loosely(String text) {
    if (text.equals(ELISION)) {
      return ".*";
    }
    if (text.startsWith("\"")) {
      int digits = text.replaceAll("\\d+\"?$", "").length();
      return Pattern.quote(text.substring(0, digits)) + "\\d+" + (text.endsWith("\"") ? "\"" : "");
    }
    return text.contains("T") ? "[0-9TZ:.-]{24}" : "[0-9a-f]{16}";
  }
}
