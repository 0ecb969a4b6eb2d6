package dev.postrider.config;

/**
 * A setting that cannot be taken. The message is one line that names the key, the rule and the
 * value.
 */
public final class ConfigException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ConfigException(String message) {
    super(message);
  }
}
