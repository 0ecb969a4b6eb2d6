package dev.postrider.redis;

/**
 * What a write has survived to when Redis answers it, by how its append-only file is configured.
 */
public enum Durability {
  /** It is on disk. */
  FSYNC_ALWAYS(
      "accepted jobs are on disk before they are answered (appendonly yes, appendfsync always)"),
  /** It is with the operating system, and on disk within about a second. */
  FSYNC_EVERYSEC(
      "a power cut may take the last second of accepted jobs (appendonly yes, appendfsync everysec)"),
  /** It is in memory, or nobody can tell. */
  NONE("accepted jobs may be lost with Redis (no append-only file that is fsynced)");

  private final String sentence;

  Durability(String sentence) {
    this.sentence = sentence;
  }

  /** What it means, for the start banner. */
  public String sentence() {
    return sentence;
  }

  static Durability of(String appendonly, String appendfsync) {
    if (!appendonly.equals("yes")) {
      return NONE;
    }
    return switch (appendfsync) {
      case "always" -> FSYNC_ALWAYS;
      case "everysec" -> FSYNC_EVERYSEC;
      default -> NONE;
    };
  }
}
