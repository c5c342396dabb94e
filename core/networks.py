"""Reads IP networks from settings."""

from ipaddress import IPv4Network, IPv6Network, ip_network

from core.errors import SettingsError

Network = IPv4Network | IPv6Network


def read_networks(variable: str, text: str) -> list[Network]:
    """Reads comma-separated networks. Raises `SettingsError`, which names the variable."""
    try:
        return [ip_network(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise SettingsError(f"{variable}: {error}; use networks such as 10.0.0.0/8") from error
