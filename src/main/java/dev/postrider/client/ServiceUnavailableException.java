package dev.postrider.client;

/** The service did not answer, or not so that it could be understood. */
public final class ServiceUnavailableException extends PostriderException {
  ServiceUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
