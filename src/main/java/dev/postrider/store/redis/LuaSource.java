package dev.postrider.store.redis;

import dev.postrider.redis.Script;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a script from the class path and puts its includes in their places, each once: a line
 * {@code --- @include "lib/record"} stands for {@code lua/lib/record.lua}.
 *
 * <p>What follows a line {@code --- @rest} becomes one function, to the end of the script. Lua
 * looks for each outer local that a new function refers to in a list of all that are so referred
 * to, the latest first; what stands before that line, and is named nearly everywhere, is found
 * without.
 */
final class LuaSource {
  private static final Pattern INCLUDE = Pattern.compile("\\s*--- @include \"([a-z_/]+)\"");

  private static final String REST = "--- @rest";

  private LuaSource() {}

  /** The script at {@code lua/<path>.lua}, whole. */
  static Script load(String path) {
    return new Script(path, text(path));
  }

  /** The text of the script at {@code lua/<path>.lua} with its includes in place. */
  static String text(String path) {
    StringBuilder source = new StringBuilder();
    Set<String> included = new HashSet<>();
    inline(path, source, included);
    if (included.contains(REST)) {
      source.append("end)()\n");
    }
    return source.toString();
  }

  private static void inline(String path, StringBuilder into, Set<String> included) {
    for (String line : read(path).split("\n", -1)) {
      Matcher include = INCLUDE.matcher(line);
      if (line.equals(REST)) {
        included.add(REST);
        into.append("return (function()\n");
      } else if (!include.matches()) {
        into.append(line).append('\n');
      } else if (included.add(include.group(1))) {
        inline(include.group(1), into, included);
      }
    }
  }

  private static String read(String path) {
    String resource = "/lua/" + path + ".lua";
    try (InputStream in = LuaSource.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("no script " + resource + " on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }
}
