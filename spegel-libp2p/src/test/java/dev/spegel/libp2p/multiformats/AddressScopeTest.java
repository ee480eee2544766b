package dev.spegel.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressScopeTest {
    @ParameterizedTest
    @CsvSource({
        // go-multiaddr, net/private_test.go
        "/ip4/192.168.1.1/tcp/80, PRIVATE",
        "/ip4/1.1.1.1/tcp/80, PUBLIC",
        "/tcp/80/ip4/1.1.1.1, OTHER",
        "/dns/node.libp2p.io/udp/1/quic-v1, PUBLIC",
        "/dns/node.libp2p.local/udp/1/quic-v1, OTHER",
        "/dns/localhost/udp/1/quic-v1, PRIVATE",
        "/ip6/2400::1/tcp/10, PUBLIC",
        "/ip6/2001:db8::42/tcp/10, OTHER",
        "/ip6/64:ff9b::1.1.1.1/tcp/10, PUBLIC",
        // the edges of each range
        "/ip4/0.0.0.0, UNSPECIFIED",
        "/ip4/0.0.0.1, OTHER",
        "/ip4/0.255.255.255, OTHER",
        "/ip4/1.0.0.0, PUBLIC",
        "/ip4/9.255.255.255, PUBLIC",
        "/ip4/10.0.0.0, PRIVATE",
        "/ip4/10.255.255.255, PRIVATE",
        "/ip4/100.63.255.255, PUBLIC",
        "/ip4/100.64.0.0, PRIVATE",
        "/ip4/100.127.255.255, PRIVATE",
        "/ip4/100.128.0.0, PUBLIC",
        "/ip4/126.255.255.255, PUBLIC",
        "/ip4/127.0.0.0, LOOPBACK",
        "/ip4/127.255.255.255, LOOPBACK",
        "/ip4/169.254.0.0, PRIVATE",
        "/ip4/169.255.0.0, PUBLIC",
        "/ip4/172.15.255.255, PUBLIC",
        "/ip4/172.16.0.0, PRIVATE",
        "/ip4/172.31.255.255, PRIVATE",
        "/ip4/172.32.0.0, PUBLIC",
        "/ip4/192.0.0.63, OTHER",
        "/ip4/192.0.0.64, PUBLIC",
        "/ip4/198.18.0.0, OTHER",
        "/ip4/198.19.255.255, OTHER",
        "/ip4/198.20.0.0, PUBLIC",
        "/ip4/223.255.255.255, PUBLIC",
        "/ip4/224.0.0.0, OTHER",
        "/ip4/255.255.255.255, OTHER",
        "/ip6/::, UNSPECIFIED",
        "/ip6/::1, LOOPBACK",
        "/ip6/::2, OTHER",
        "/ip6/::ffff:127.0.0.1, LOOPBACK",
        "/ip6/::ffff:10.0.0.1, OTHER",
        "/ip6/1fff:ffff::, OTHER",
        "/ip6/2000::, PUBLIC",
        "/ip6/3fff:ffff::, PUBLIC",
        "/ip6/4000::, OTHER",
        "/ip6/64:ff9b:1::1, PUBLIC",
        "/ip6/64:ff9b:2::1, OTHER",
        "/ip6/fbff::, OTHER",
        "/ip6/fc00::, PRIVATE",
        "/ip6/fdff::1, PRIVATE",
        "/ip6/fe80::1, IP6_LINK_LOCAL",
        "/ip6/febf::1, IP6_LINK_LOCAL",
        "/ip6/fec0::1, OTHER",
        "/ip6/ff02::1, OTHER",
        "/ip6zone/eth0/ip6/fe80::1/tcp/1, IP6_LINK_LOCAL",
        "/ip6zone/eth0, OTHER",
        // names
        "/dns4/app.localhost/tcp/1, PRIVATE",
        "/dns6/notlocalhost/tcp/1, PUBLIC",
        "/dnsaddr/router.home.arpa, OTHER",
        "/dns4/7.0.0.10.in-addr.arpa, OTHER",
        "/dns4/a.invalid, OTHER",
        "/dns4/test, OTHER",
        "/unix/run/a, OTHER"
    })
    void followsFromTheFirstPart(String address, AddressScope scope) {
        assertThat(AddressScope.of(Multiaddr.parse(address))).isEqualTo(scope);
    }

    @Test
    void machineLinkAndPrivateNetworkArePrivate() {
        assertThat(AddressScope.values())
                .filteredOn(AddressScope::isPrivate)
                .containsExactly(AddressScope.LOOPBACK, AddressScope.IP6_LINK_LOCAL, AddressScope.PRIVATE);
    }
}
