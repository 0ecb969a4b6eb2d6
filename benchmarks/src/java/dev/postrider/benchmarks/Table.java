package dev.postrider.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Prints a table in Markdown. */
final class Table {
  private Table() {}

  static void head(String title, String... columns) {
    System.out.printf(
        "%n| %s | %s |%n|---|%s%n",
        title, String.join(" | ", columns), "--:|".repeat(columns.length));
  }

  /** A row; what is not a number stays empty. */
  static void row(String name, double... values) {
    StringBuilder line = new StringBuilder("| ").append(name).append(" |");
    for (double value : values) {
      String format = value < 1 ? " %.3f |" : value < 100 ? " %.1f |" : " %.0f |";
      line.append(Double.isNaN(value) ? " |" : String.format(Locale.ROOT, format, value));
    }
    System.out.println(line);
  }

  /** A row of medians, one column per value. */
  @SafeVarargs
  static <T> void medians(String name, List<T> rounds, ToDoubleFunction<T>... values) {
    double[] row = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      double[] sorted = rounds.stream().mapToDouble(values[i]).sorted().toArray();
      row[i] = sorted[sorted.length / 2];
    }
    row(name, row);
  }
}
