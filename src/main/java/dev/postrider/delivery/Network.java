package dev.postrider.delivery;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** A network in CIDR notation, such as {@code 10.0.0.0/8} or {@code fd00::/8}. */
final class Network {

  private final byte[] prefix;
  private final int bits;
  private final String text;

  private Network(byte[] prefix, int bits, String text) {
    this.prefix = prefix;
    this.bits = bits;
    this.text = text;
  }

  /**
   * Reads a network; an address alone is a network of one.
   *
   * @throws IllegalArgumentException if it is neither; the message names it
   */
  static Network parse(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    byte[] bytes = literal(address, text);
    int bits = slash < 0 ? bytes.length * 8 : bits(text.substring(slash + 1), bytes, text);
    requireNoHostBits(bytes, bits, text);
    return new Network(bytes, bits, text);
  }

  /** Only what cannot be a name is handed to the resolver, so that nothing is ever looked up. */
  private static byte[] literal(String address, String text) {
    boolean v4 = address.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    boolean v6 = address.indexOf(':') >= 0 && address.matches("[0-9A-Fa-f:.]+");
    if (!v4 && !v6) {
      throw refused(text);
    }
    try {
      return InetAddress.getAllByName(address)[0].getAddress();
    } catch (UnknownHostException e) {
      throw refused(text);
    }
  }

  private static int bits(String digits, byte[] address, String text) {
    int bits = digits.matches("[0-9]{1,3}") ? Integer.parseInt(digits) : -1;
    if (bits < 0 || bits > address.length * 8) {
      throw refused(text);
    }
    return bits;
  }

  private static void requireNoHostBits(byte[] address, int bits, String text) {
    for (int bit = bits; bit < address.length * 8; bit++) {
      if ((address[bit / 8] >> (7 - bit % 8) & 1) != 0) {
        throw new IllegalArgumentException(
            "\"" + text + "\" has bits set behind its prefix of " + bits + " bits");
      }
    }
  }

  private static IllegalArgumentException refused(String text) {
    return new IllegalArgumentException(
        "\"" + text + "\" is not a network such as 10.0.0.0/8 or fd00::/8");
  }

  /** Whether an address, as its bytes, lies in it; never for one of the other family. */
  boolean contains(byte[] address) {
    if (address.length != prefix.length) {
      return false;
    }
    int whole = bits / 8;
    if (!Arrays.equals(address, 0, whole, prefix, 0, whole)) {
      return false;
    }
    int rest = bits % 8;
    return rest == 0 || (address[whole] ^ prefix[whole]) >> (8 - rest) == 0;
  }

  @Override
  public String toString() {
    return text;
  }
}
