package dev.postrider.delivery;

/** Failure types of deliveries that no answer's status names. */
final class FailureType {

  static final String DNS_FAILED = "dns_failed";
  static final String CONNECT_FAILED = "connect_failed";
  static final String CONNECT_TIMEOUT = "connect_timeout";
  static final String TLS_FAILED = "tls_failed";
  static final String REQUEST_TIMEOUT = "request_timeout";
  static final String CONNECTION_CLOSED = "connection_closed";
  static final String ADDRESS_REFUSED = "address_refused";

  private FailureType() {}

  /** The type of an answer that is not 2xx. */
  static String http(int status) {
    return "http." + status;
  }
}
