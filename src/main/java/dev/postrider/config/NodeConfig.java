package dev.postrider.config;

import java.util.regex.Pattern;

/**
 * This node among others.
 *
 * @param name what it is called; empty for a random name at each start
 */
public record NodeConfig(String name) {

  /** A node that starts again must not be taken for the one that died. */
  public static final String DEFAULT_NAME = "";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{0,64}");

  public static final NodeConfig DEFAULT = new NodeConfig(DEFAULT_NAME);

  public NodeConfig {
    if (!NAME.matcher(name).matches()) {
      throw Rules.refuse(
          "node.name", "must be at most 64 letters, digits, dots, dashes or underscores", name);
    }
  }
}
