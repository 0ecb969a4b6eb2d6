package dev.postrider.delivery;

import dev.postrider.config.DeliveryConfig;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Decides to which addresses a webhook may be sent, so that nobody reaches through this service
 * what only this machine can reach.
 *
 * <p>Public addresses are always allowed. Special ones are refused unless they lie in a network
 * that is listed; with {@code auto} in place of a list, loopback is allowed while the API itself
 * can only be reached over loopback: then whoever asks could go there anyway.
 *
 * <p>What is judged is the resolved address, never its text. An IPv6 address that stands for an
 * IPv4 address is judged as that one.
 */
public final class AddressGuard {

  private final List<Network> allowed;
  private final boolean loopbackAllowed;

  private AddressGuard(List<Network> allowed, boolean loopbackAllowed) {
    this.allowed = List.copyOf(allowed);
    this.loopbackAllowed = loopbackAllowed;
  }

  /**
   * The guard of a node.
   *
   * @param apiOnLoopback whether the API listens on loopback addresses only
   * @throws IllegalArgumentException naming the entry that is no network
   */
  public static AddressGuard of(DeliveryConfig config, boolean apiOnLoopback) {
    return config.decidesNetworksItself()
        ? auto(apiOnLoopback)
        : allowing(config.allowedNetworks());
  }

  static AddressGuard auto(boolean apiOnLoopback) {
    return new AddressGuard(List.of(), apiOnLoopback);
  }

  static AddressGuard allowing(List<String> networks) {
    return new AddressGuard(networks.stream().map(Network::parse).toList(), false);
  }

  /** Why an address is refused; empty if it is allowed. */
  public Optional<String> refusal(InetAddress address) {
    byte[] written = address.getAddress();
    byte[] meant = SpecialAddresses.withoutDisguise(written);
    if (isListed(written) || isListed(meant)) {
      return Optional.empty();
    }
    if (loopbackAllowed && SpecialAddresses.isLoopback(meant)) {
      return Optional.empty();
    }
    return SpecialAddresses.kindOf(meant)
        .map(kind -> address.getHostAddress() + " is not a public address (" + kind + ")");
  }

  private boolean isListed(byte[] address) {
    return allowed.stream().anyMatch(network -> network.contains(address));
  }
}
