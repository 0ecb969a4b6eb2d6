package dev.postrider.job;

/**
 * A named line that workers poll. Queues need no registration: an unseen one is empty.
 *
 * @param namespace 1–1000 bytes of UTF-8 without control characters
 * @param name 1–1000 bytes of UTF-8 without control characters
 */
public record TaskQueue(String namespace, String name) {
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
