package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {

  private final AddressGuard strict = AddressGuard.auto(false);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "168.63.129.15",
        "168.63.129.17",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2001:200::1",
        "2001:db7::1",
        "2001:db9::1",
        "64:ff9b::1.1.1.1",
        "2002:101:101::1"
      })
  void refusal_publicAddress_isNone(String address) throws Exception {
    assertThat(strict.refusal(literal(address))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, this network",
    "0.255.255.255, this network",
    "10.0.0.0, private",
    "10.255.255.255, private",
    "100.64.0.0, shared",
    "100.100.100.200, shared",
    "100.127.255.255, shared",
    "127.0.0.1, loopback",
    "127.255.255.255, loopback",
    "168.63.129.16, cloud metadata",
    "169.254.0.0, link-local",
    "169.254.169.254, link-local",
    "172.16.0.0, private",
    "172.31.255.255, private",
    "192.0.0.192, protocol assignments",
    "192.0.2.1, documentation",
    "192.88.99.1, 6to4 relay",
    "192.168.0.0, private",
    "192.168.255.255, private",
    "198.18.0.0, benchmarking",
    "198.19.255.255, benchmarking",
    "198.51.100.7, documentation",
    "203.0.113.9, documentation",
    "224.0.0.1, multicast",
    "239.255.255.255, multicast",
    "240.0.0.1, reserved",
    "255.255.255.255, reserved",
    "::, unspecified",
    "::1, loopback",
    "::2, reserved",
    "::127.0.0.1, reserved",
    "::ffff:0:127.0.0.1, reserved",
    "64:ff9b::127.0.0.1, loopback",
    "64:ff9b::10.1.2.3, private",
    "64:ff9b:1::1, local NAT64",
    "100::1, discard",
    "2001::1, protocol assignments",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2, protocol assignments",
    "2001:db8::1, documentation",
    "2002:7f00:1::1, loopback",
    "2002:a9fe:a9fe::1, link-local",
    "3fff::1, documentation",
    "4000::1, reserved",
    "5f00::1, segment routing",
    "fc00::1, private",
    "fd00:ec2::254, private",
    "fe80::1, link-local",
    "febf::1, link-local",
    "fec0::1, site-local",
    "ff02::1, multicast",
  })
  void refusal_specialAddress_saysWhichKind(String address, String kind) throws Exception {
    assertThat(strict.refusal(literal(address)))
        .hasValueSatisfying(reason -> assertThat(reason).contains("(" + kind));
  }

  @Test
  void refusal_mappedIpv4Address_isJudgedAsIpv4() throws Exception {
    byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff, 127, 0, 0, 1};
    InetAddress address = Inet6Address.getByAddress("mapped", mapped, -1);

    assertThat(strict.refusal(address)).isPresent();
    assertThat(AddressGuard.auto(true).refusal(address)).isEmpty();
  }

  @Test
  void refusal_addressWithAZone_isJudgedWithoutIt() throws Exception {
    byte[] linkLocal = literal("fe80::1").getAddress();

    assertThat(strict.refusal(Inet6Address.getByAddress("zoned", linkLocal, 2))).isPresent();
  }

  @Test
  void auto_apiOnLoopback_allowsLoopbackAndNothingElseSpecial() throws Exception {
    AddressGuard auto = AddressGuard.auto(true);

    for (String address : List.of("127.0.0.1", "127.9.9.9", "::1", "2002:7f00:1::1")) {
      assertThat(auto.refusal(literal(address))).as(address).isEmpty();
    }
    for (String address : List.of("10.0.0.1", "0.0.0.0", "::", "169.254.169.254", "fe80::1")) {
      assertThat(auto.refusal(literal(address))).as(address).isPresent();
    }
  }

  @Test
  void allowing_list_replacesAuto() throws Exception {
    AddressGuard listed = AddressGuard.allowing(List.of("10.1.0.0/16", "fd00::/8", "192.168.7.9"));

    for (String address :
        List.of(
            "10.1.0.0", "10.1.255.255", "fd12::1", "192.168.7.9", "8.8.8.8", "64:ff9b::a01:1")) {
      assertThat(listed.refusal(literal(address))).as(address).isEmpty();
    }
    for (String address :
        List.of("10.0.255.255", "10.2.0.0", "fc00::1", "192.168.7.8", "127.0.0.1")) {
      assertThat(listed.refusal(literal(address))).as(address).isPresent();
    }
  }

  @Test
  void allowing_nothing_refusesEverythingSpecial() throws Exception {
    assertThat(AddressGuard.allowing(List.of()).refusal(literal("127.0.0.1"))).isPresent();
    assertThat(AddressGuard.allowing(List.of()).refusal(literal("8.8.8.8"))).isEmpty();
  }

  @Test
  void allowing_everything_isPossible() throws Exception {
    AddressGuard open = AddressGuard.allowing(List.of("0.0.0.0/0", "::/0"));

    assertThat(open.refusal(literal("169.254.169.254"))).isEmpty();
    assertThat(open.refusal(literal("fe80::1"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "auto",
        "localhost",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/",
        "10.0.0.0/8/8",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.0/8 ",
        "::/129",
        "fe80::1%eth0",
        "[::1]",
        "1:2:3/8",
        "0x7f.0.0.1"
      })
  void allowing_whatIsNoNetwork_isRefusedByName(String text) {
    assertThatThrownBy(() -> AddressGuard.allowing(List.of("8.0.0.0/8", text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"" + text + "\" is not a network such as 10.0.0.0/8 or fd00::/8");
  }

  @Test
  void allowing_networkWithBitsBehindItsPrefix_isRefused() {
    assertThatThrownBy(() -> AddressGuard.allowing(List.of("10.0.0.1/8")))
        .hasMessage("\"10.0.0.1/8\" has bits set behind its prefix of 8 bits");
  }

  private static InetAddress literal(String address) throws UnknownHostException {
    return InetAddress.getAllByName(address)[0];
  }
}
