package dev.postrider.job;

/**
 * What a start does when its id is taken.
 *
 * @param rejectPayloadMismatch answer {@code payload_mismatch} where an existing run with another
 *     type or input would be the answer ({@code onPayloadMismatch: reject})
 */
public record StartPolicies(
    IdConflictPolicy conflict, IdReusePolicy reuse, boolean rejectPayloadMismatch) {
  public static final StartPolicies DEFAULT =
      new StartPolicies(IdConflictPolicy.FAIL, IdReusePolicy.ALLOW_DUPLICATE, false);
}
