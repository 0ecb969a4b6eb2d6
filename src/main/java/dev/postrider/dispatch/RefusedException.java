package dev.postrider.dispatch;

/** A call that this node refuses. */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Refusal refusal;

  public RefusedException(Refusal refusal, String message) {
    super(message, null, false, false);
    this.refusal = refusal;
  }

  public Refusal refusal() {
    return refusal;
  }
}
