"""Which addresses of the network may be called, whatever name led there.

A server's address is configured, but whom its name means is decided by a name server, which may belong to somebody else
and may answer differently each time. The services behind the addresses refused here (a cloud's metadata, the machine
itself) trust whoever reaches them. Private networks are allowed: that is where an address book of one's own is.
"""

from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Address = IPv4Address | IPv6Address


class Reach(StrEnum):
    """What an address is to us."""

    SERVER = "server"
    """May be called: public, or on a private network (RFC 1918, RFC 4193, RFC 6598)."""
    THIS_MACHINE = "this machine"
    """Loopback: only where the configuration says so."""
    NEVER = "never"
    """Link-local, a cloud's metadata, unspecified, multicast, or reserved."""


_METADATA: Final = frozenset(
    ip_address(each)
    for each in (
        "100.100.100.200",  # Alibaba Cloud
        "168.63.129.16",  # Azure
        "192.0.0.192",  # Oracle Cloud
        "fd00:ec2::254",  # AWS
        "fd20:ce::254",  # Google Cloud
        "fd00:42::42",  # Scaleway
    )
)
"""Metadata services outside of the link-local networks."""

_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE: Final = IPv6Network("::/96")
_THIS_NETWORK: Final = IPv4Network("0.0.0.0/8")


def reach_of(address: str) -> Reach:
    """What a numeric address is to us; one that carries an IPv4 address in it is judged by that, too.

    Args:
        address: as the system connects to it, a scope (``%eth0``) included.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return Reach.NEVER
    reaches = {_reach(each) for each in (found, *_carried(found))}
    return next(each for each in (Reach.NEVER, Reach.THIS_MACHINE, Reach.SERVER) if each in reaches)


def names_this_machine(host: str) -> bool:
    """Whether a host name, or a numeric address, can only mean the machine itself (RFC 6761 section 6.3 for names)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _reach(address: Address) -> Reach:
    if address.is_loopback:
        return Reach.THIS_MACHINE
    refused = address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA
    if isinstance(address, IPv4Address):
        refused = refused or address in _THIS_NETWORK or address.is_reserved
    else:
        refused = refused or address.is_site_local
    return Reach.NEVER if refused else Reach.SERVER


def _carried(address: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses to which a gateway, or the system itself, translates an IPv6 address."""
    if isinstance(address, IPv4Address):
        return ()
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    translated = any(address in network for network in _NAT64) or (address in _COMPATIBLE and int(address) > 1)
    if translated:
        found.append(IPv4Address(int(address) & 0xFFFF_FFFF))
    return tuple(each for each in found if each is not None)
