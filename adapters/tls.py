"""TLS of connections to servers that settings name."""

import ssl
from ipaddress import ip_address
from pathlib import Path

from core.errors import SettingsError
from core.settings import Settings


def trusting(variable: str, ca: str) -> ssl.SSLContext:
    """Returns a context that trusts the certificates of the file `ca` only.

    Raises `SettingsError`, which names the variable.
    """
    try:
        return ssl.create_default_context(cadata=Path(ca).read_text())
    except (ValueError, ssl.SSLError):
        raise SettingsError(f"{variable}: {ca} has no certificates") from None
    except OSError as error:
        raise SettingsError(f"{variable}: cannot read {ca}: {error.strerror}") from None


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
