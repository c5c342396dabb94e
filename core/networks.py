"""Networks, as operators write them."""

from ipaddress import IPv4Network, IPv6Network, ip_network

from core.errors import SettingsError

Network = IPv4Network | IPv6Network


def read_networks(variable: str, text: str) -> list[Network]:
    """Of a setting's comma-separated text; `SettingsError` names the variable."""
    try:
        return [ip_network(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise SettingsError(f"{variable}: {error}; write networks like 10.0.0.0/8") from error
