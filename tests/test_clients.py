"""Who asks, behind proxies: what is believed of X-Forwarded-For, and what is not."""

import pytest

from serving.clients import client_address, counted_as, read_networks

TRUSTED = read_networks("127.0.0.1, 10.0.0.0/8, fd00::/8")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("127.0.0.1", "10.1.2.3, 10.1.2.4", "10.1.2.3"),
        ("127.0.0.1", "198.51.100.1:5060", "198.51.100.1"),
        ("fd00::1", "[2001:db8::7]:443", "2001:db8::7"),
        ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, unknown", "127.0.0.1"),
        ("127.0.0.1", "6.6.6.6, unknown, 10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "6.6.6.6,", "127.0.0.1"),
        ("", "6.6.6.6", ""),
    ],
)
def test_the_last_one_that_no_trusted_proxy_has(peer: str, forwarded: str, client: str) -> None:
    assert client_address(peer, forwarded, TRUSTED) == client


def test_nobody_is_believed_unless_named() -> None:
    assert client_address("127.0.0.1", "6.6.6.6", ()) == "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("", ""),
    ],
)
def test_a_network_of_ipv6_is_one_client(address: str, counted: str) -> None:
    assert counted_as(address) == counted
