package dev.postrider.api.json;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with one request, so that a caller can mend all of it at once. */
public final class FieldErrors {

  /** More than these help nobody; the rest is counted. */
  static final int MAX_KEPT = 100;

  private final List<FieldError> errors = new ArrayList<>();
  private int omitted;

  public void add(String field, String message) {
    if (errors.size() < MAX_KEPT) {
      errors.add(new FieldError(field, message));
    } else {
      omitted++;
    }
  }

  public boolean isEmpty() {
    return errors.isEmpty();
  }

  /** What was found, in the order in which it was found, the first {@value #MAX_KEPT} of it. */
  public List<FieldError> list() {
    return List.copyOf(errors);
  }

  /** How many were found beyond those in {@link #list}. */
  public int omitted() {
    return omitted;
  }
}
