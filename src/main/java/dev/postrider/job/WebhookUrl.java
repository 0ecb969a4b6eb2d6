package dev.postrider.job;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a webhook is POSTed to.
 *
 * @param text as the user wrote it
 * @param tls whether it is {@code https}
 * @param host lower case without a dot at its end; an IPv6 address in full and without its brackets
 * @param port the default of the scheme filled in
 * @param target path and query, what a request line names; at least {@code /}
 */
public record WebhookUrl(String text, boolean tls, String host, int port, String target) {

  /** Longest URL, in characters, all of them ASCII. */
  public static final int MAX_LENGTH = 8192;

  private static final Pattern FORM =
      Pattern.compile(
          "(?i:(https?))://(\\[[0-9A-Fa-f:.]{2,45}]|[A-Za-z0-9._~-]{1,253})(?::([0-9]{1,5}))?"
              + "([/?][!-~]*)?");

  /**
   * Reads a URL.
   *
   * @throws IllegalArgumentException with a rule that reads on after the name of a field
   */
  public static WebhookUrl parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "must be at most " + MAX_LENGTH + " characters long, not " + text.length());
    }
    if (text.indexOf('#') >= 0) {
      throw new IllegalArgumentException("must not have a fragment: " + shown(text));
    }
    Matcher form = FORM.matcher(text);
    if (!form.matches() || !isUri(text)) {
      throw new IllegalArgumentException(
          "must be an absolute http or https URL in ASCII, without user information,"
              + " such as https://example.org/hooks, not \""
              + shown(text)
              + "\"");
    }
    boolean tls = form.group(1).equalsIgnoreCase("https");
    int port = form.group(3) == null ? (tls ? 443 : 80) : Integer.parseInt(form.group(3));
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("must have a port from 1 to 65535, not " + port);
    }
    String host = host(form.group(2));
    String rest = form.group(4) == null ? "" : form.group(4);
    return new WebhookUrl(text, tls, host, port, rest.startsWith("/") ? rest : "/" + rest);
  }

  /** One spelling for each host, so that what counts by destination counts it once. */
  private static String host(String written) {
    if (written.startsWith("[")) {
      try {
        // What stands in brackets is never looked up.
        return InetAddress.getAllByName(written)[0].getHostAddress();
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException("must have an IPv6 address in its brackets", e);
      }
    }
    String name = written.endsWith(".") ? written.substring(0, written.length() - 1) : written;
    if (name.isEmpty() || name.startsWith(".") || name.contains("..")) {
      throw new IllegalArgumentException("must have the name of a host, not \"" + written + "\"");
    }
    return name.toLowerCase(Locale.ROOT);
  }

  /** Whose in-flight cap counts: {@code scheme://host:port}. */
  public String destination() {
    return (tls ? "https://" : "http://") + bracketedHost() + ":" + port;
  }

  /** The host as a URL and a {@code Host} header write it: an IPv6 address in brackets. */
  public String bracketedHost() {
    return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
  }

  private static boolean isUri(String text) {
    try {
      return new URI(text).isAbsolute();
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static String shown(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }

  @Override
  public String toString() {
    return text;
  }
}
