package dev.postrider.client;

import org.jspecify.annotations.Nullable;

/** A call has not done what it was made for. */
public class PostriderException extends RuntimeException {
  PostriderException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
