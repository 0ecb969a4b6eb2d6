package dev.postrider.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The rows of a table in a Markdown page, each a list of its cells without their decoration. */
final class MarkdownTable {
  private MarkdownTable() {}

  /** The rows of the first table below a heading, the head left out. */
  static List<List<String>> below(Path page, String heading) {
    List<List<String>> rows = new ArrayList<>();
    boolean inSection = false;
    for (String line : lines(page)) {
      if (line.startsWith("#")) {
        inSection = line.replace("#", "").strip().equals(heading);
      } else if (inSection && line.startsWith("|")) {
        rows.add(cells(line));
      } else if (inSection && !rows.isEmpty()) {
        break;
      }
    }
    if (rows.size() < 3) {
      throw new IllegalStateException("no table below \"" + heading + "\" in " + page);
    }
    return rows.subList(2, rows.size());
  }

  private static List<String> lines(Path page) {
    try {
      return Files.readAllLines(page, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> cells(String line) {
    String inner = line.strip();
    return Arrays.stream(inner.substring(1, inner.length() - 1).split("\\|", -1))
        .map(String::strip)
        .toList();
  }

  /** The words of a cell that are set apart by commas; none for a dash. */
  static List<String> words(String cell) {
    return cell.equals("–")
        ? List.of()
        : Arrays.stream(cell.split(",", -1)).map(String::strip).toList();
  }
}
