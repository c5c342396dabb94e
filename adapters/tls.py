"""TLS of connections to servers that settings name."""

from ipaddress import ip_address

from core.errors import SettingsError
from core.settings import Settings


def permit_clear_text(settings: Settings, variable: str, host: str) -> None:
    """Permits a connection without TLS to this machine, and to every host outside production.

    Raises `SettingsError`, which names the variable.
    """
    if settings.env == "production" and not _is_this_machine(host):
        raise SettingsError(f"{variable}: in production, only 127.0.0.1, ::1 and localhost are reached without TLS")


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
