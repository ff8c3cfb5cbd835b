"""Which addresses may be asked: public hosts over http and https, unless the user allows more."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

Resolver = Callable[[str, int], Sequence[str]]
"""From host and port to IP addresses."""


class RefusedError(Exception):
    """An address that is not asked; the message says why and what would allow it."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a user allows beyond public addresses.

    Attributes:
        files: Addresses of the file scheme.
        private: Hosts in private networks and on this machine.
        proxy: Proxy that is asked instead of the host; names are then resolved by the proxy.
    """

    files: bool = False
    private: bool = False
    proxy: str | None = None


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, in the order of the system's preference.

    Raises:
        OSError: It has none.
    """
    return list(dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def checked(url: httpx.URL, allowed: Allowed, resolver: Resolver = resolve) -> str | None:
    """Return the IP address to connect to, so that the host checked is the host asked.

    Args:
        url: The address, of a redirect too.
        allowed: What the user allows.
        resolver: Gives the IP addresses of a name.

    Returns:
        None where the proxy resolves the name.

    Raises:
        RefusedError: The address must not be asked.
        OSError: The name cannot be resolved.
    """
    if url.scheme not in ("http", "https"):
        raise RefusedError(f"the scheme '{url.scheme}' is not fetched")
    if url.userinfo:
        raise RefusedError("the address carries a user name or password; leave them out")
    if not url.host:
        raise RefusedError("the address names no host")
    try:
        candidates = [str(ipaddress.ip_address(url.host.strip("[]")))]
    except ValueError:
        if allowed.proxy:
            if url.host == "localhost" and not allowed.private:
                raise RefusedError("'localhost' is a private address; --allow-private asks it all the same") from None
            return None
        candidates = list(resolver(url.host, url.port or (443 if url.scheme == "https" else 80)))
    for candidate in candidates:
        if not allowed.private and not _public(candidate):
            raise RefusedError(f"{url.host} is a private address ({candidate}); --allow-private asks it all the same")
    return None if allowed.proxy else candidates[0]


def _public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return ip.is_global and not ip.is_multicast and (inner is None or inner.is_global)
