package dev.postrider.job;

/**
 * What a user calls a job: its id within a namespace. At most one run of a key is open at a time.
 *
 * @param namespace 1–1000 bytes of UTF-8 without control characters
 * @param id 1–1000 bytes of UTF-8 without control characters
 */
public record JobKey(String namespace, String id) {
  @Override
  public String toString() {
    return namespace + "/" + id;
  }
}
