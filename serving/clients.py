"""Determines a client's address, for limits and logs. Nothing else does so.

Behind a proxy, the connection's address is the proxy's. Anybody can write `X-Forwarded-For`, so it
is read from its end, as far as trusted proxies wrote it.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
FORWARDED = "HTTP_X_FORWARDED_FOR"
# Headers of proxies. Sources: RFC 7239, RFC 9110 (Via), and defaults of nginx, Envoy and clouds.
_OF_PROXIES = tuple(
    "HTTP_" + name.upper().replace("-", "_")
    for name in (
        "Forwarded",
        "Via",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Real-IP",
        "CF-Connecting-IP",
        "True-Client-IP",
        "X-Client-IP",
        "X-Cluster-Client-IP",
        "X-Original-Forwarded-For",
        "X-Forwarded",
        "X-Forwarded-Server",
        "Fastly-Client-IP",
        "Fly-Client-IP",
        "CF-Ray",
    )
)
# Environment keys of the connection's address, and of the address for counting attempts.
PEER, COUNTED_AS = "centrala.peer", "centrala.counted_as"
# An IPv6 client owns a network of this prefix length, and may use any address in it.
OF_A_CLIENT = 64


def read_networks(given: str) -> tuple[Network, ...]:
    """Parse networks such as `10.0.0.1, 192.0.2.0/24, fd00::/8`.

    Raises ValueError naming what is no network.
    """
    networks: list[Network] = []
    for part in filter(None, (part.strip() for part in given.split(","))):
        try:
            networks.append(ip_network(part))
        except ValueError as fault:
            raise ValueError(part) from fault
    return tuple(networks)


def client_address(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """The client's address: the last one that is no trusted proxy.

    `forwarded` is the raw X-Forwarded-For. It counts only if the connection comes from a trusted
    proxy. Reading stops at anything that is no address; then the last proxy counts as the client.
    """
    believed = peer
    for written in [*reversed(forwarded.split(",")), ""]:
        if not _is_in(believed, trusted) or (said := _read(written)) is None:
            return believed
        believed = str(said)
    return believed


def _is_in(address: str, networks: Iterable[Network]) -> bool:
    read = _read(address)
    return read is not None and any(read in network for network in networks)


def _read(written: str) -> Address | None:
    """An address in the forms of proxies, including `[2001:db8::1]:443` and `192.0.2.1:443`."""
    text = written.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        read = ip_address(text)
    except ValueError:
        return None
    return (read.ipv4_mapped or read) if isinstance(read, IPv6Address) else read


def counted_as(address: str) -> str:
    """The key for counting attempts: the address, or the network of an IPv6 address."""
    read = _read(address)
    if isinstance(read, IPv6Address):
        return str(ip_network((int(read), OF_A_CLIENT), strict=False))
    return str(read or address)


def is_of_this_machine(environ: "WSGIEnvironment", *names: str | None) -> bool:
    """Whether the request comes from this machine, not through a proxy on it.

    It must use a loopback name or one of `names`. Another site can point a name of its own at this
    machine, so that its page could read the answer (DNS rebinding).
    """
    if any(name in environ for name in _OF_PROXIES):
        return False
    host = urlsplit(f"//{environ.get('HTTP_HOST', 'localhost')}").hostname or ""
    named = _read(host)
    if not (host == "localhost" or host in names or (named is not None and named.is_loopback)):
        return False
    read = _read(environ.get(PEER) or environ.get("REMOTE_ADDR", ""))
    return read is not None and read.is_loopback


class Clients:
    """WSGI middleware that sets REMOTE_ADDR to the client's address instead of the proxy's."""

    def __init__(self, app: "WSGIApplication", trusted: Sequence[Network]) -> None:
        self._app, self._trusted = app, trusted

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        peer = environ.get("REMOTE_ADDR", "")
        environ[PEER] = peer
        if self._trusted:
            forwarded = environ.get(FORWARDED, "")
            environ["REMOTE_ADDR"] = client_address(peer, forwarded, self._trusted)
        environ[COUNTED_AS] = counted_as(environ.get("REMOTE_ADDR", ""))
        return self._app(environ, start_response)
