package dev.postrider.delivery;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Addresses that are not simply somewhere on the Internet, by IANA's registries of special-purpose
 * addresses, and what clouds put at public-looking addresses for their own machines.
 */
final class SpecialAddresses {

  private static final Map<Network, String> KINDS = kinds();
  private static final Network GLOBAL_V6 = Network.parse("2000::/3");

  /* IPv6 addresses that stand for an IPv4 address, which decides in their place. */
  private static final byte[] V4_MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff};
  private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
  private static final byte[] SIX_TO_FOUR = {0x20, 0x02};

  private SpecialAddresses() {}

  /** What kind of special address this is; empty for a public one. */
  static Optional<String> kindOf(byte[] address) {
    for (Map.Entry<Network, String> kind : KINDS.entrySet()) {
      if (kind.getKey().contains(address)) {
        return Optional.of(kind.getValue() + ", " + kind.getKey());
      }
    }
    boolean global = address.length == 4 || GLOBAL_V6.contains(address);
    return global ? Optional.empty() : Optional.of("reserved, not in " + GLOBAL_V6);
  }

  /** The IPv4 address that a mapped, NAT64 or 6to4 address leads to; any other one unchanged. */
  static byte[] withoutDisguise(byte[] address) {
    if (startsWith(address, V4_MAPPED) || startsWith(address, NAT64)) {
      return Arrays.copyOfRange(address, 12, 16);
    }
    return startsWith(address, SIX_TO_FOUR) ? Arrays.copyOfRange(address, 2, 6) : address;
  }

  private static boolean startsWith(byte[] address, byte[] prefix) {
    return address.length == 16
        && Arrays.equals(address, 0, prefix.length, prefix, 0, prefix.length);
  }

  static boolean isLoopback(byte[] address) {
    return kindOf(address).filter(kind -> kind.startsWith("loopback")).isPresent();
  }

  private static Map<Network, String> kinds() {
    Map<Network, String> kinds = new LinkedHashMap<>();
    kinds.put(Network.parse("0.0.0.0/8"), "this network");
    kinds.put(Network.parse("10.0.0.0/8"), "private");
    kinds.put(Network.parse("100.64.0.0/10"), "shared");
    kinds.put(Network.parse("127.0.0.0/8"), "loopback");
    kinds.put(Network.parse("168.63.129.16/32"), "cloud metadata");
    kinds.put(Network.parse("169.254.0.0/16"), "link-local");
    kinds.put(Network.parse("172.16.0.0/12"), "private");
    kinds.put(Network.parse("192.0.0.0/24"), "protocol assignments");
    kinds.put(Network.parse("192.0.2.0/24"), "documentation");
    kinds.put(Network.parse("192.88.99.0/24"), "6to4 relay");
    kinds.put(Network.parse("192.168.0.0/16"), "private");
    kinds.put(Network.parse("198.18.0.0/15"), "benchmarking");
    kinds.put(Network.parse("198.51.100.0/24"), "documentation");
    kinds.put(Network.parse("203.0.113.0/24"), "documentation");
    kinds.put(Network.parse("224.0.0.0/4"), "multicast");
    kinds.put(Network.parse("240.0.0.0/4"), "reserved");
    kinds.put(Network.parse("::/128"), "unspecified");
    kinds.put(Network.parse("::1/128"), "loopback");
    kinds.put(Network.parse("64:ff9b:1::/48"), "local NAT64");
    kinds.put(Network.parse("100::/64"), "discard");
    kinds.put(Network.parse("2001::/23"), "protocol assignments");
    kinds.put(Network.parse("2001:db8::/32"), "documentation");
    kinds.put(Network.parse("3fff::/20"), "documentation");
    kinds.put(Network.parse("5f00::/16"), "segment routing");
    kinds.put(Network.parse("fc00::/7"), "private");
    kinds.put(Network.parse("fe80::/10"), "link-local");
    kinds.put(Network.parse("fec0::/10"), "site-local");
    kinds.put(Network.parse("ff00::/8"), "multicast");
    return kinds;
  }
}
