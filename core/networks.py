"""Reads IP networks from settings, and finds the network of a client address."""

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from core.errors import SettingsError

Network = IPv4Network | IPv6Network

_IPV6_PREFIX = 64
"""The smallest network that providers assign to a customer."""


def network_of(address: str) -> str:
    """Returns the address, or the network of an IPv6 address, because a client has all addresses of it."""
    parsed = ip_address(address)
    return str(IPv6Network((parsed, _IPV6_PREFIX), strict=False)) if isinstance(parsed, IPv6Address) else address


def read_networks(variable: str, text: str) -> list[Network]:
    """Reads comma-separated networks. Raises `SettingsError`, which names the variable."""
    try:
        return [ip_network(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise SettingsError(f"{variable}: {error}; use networks such as 10.0.0.0/8") from error
