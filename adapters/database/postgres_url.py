"""`postgres://` URLs, which mean what they mean to libpq and thus to `psql`.

asyncpg reads most of them as libpq does. It would send an option that it does not know to the server as a setting, so
options that cannot be honoured are refused here.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import asyncpg
from asyncpg import connect_utils

from core.errors import SettingsError

SCHEMES = ("postgres", "postgresql", "asyncpg")
HINT = "write postgres://USER:PASSWORD@HOST:PORT/NAME, with %40 for @, %2F for / and %3A for : in names"

_BY_ASYNCPG = {
    *("host", "port", "dbname", "user", "password", "passfile", "service", "options", "target_session_attrs"),
    *("sslmode", "sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl", "sslnegotiation", "krbsrvname"),
    *("ssl_min_protocol_version", "ssl_max_protocol_version"),
}
_HIGHEST_PORT = 65535
_HERE = {"application_name", "connect_timeout"}


@dataclass(frozen=True, slots=True)
class PostgresUrl:
    """Where a server is and how it is reached. `connect_seconds` of 0 stands for no limit of the URL's own."""

    dsn: str
    application_name: str | None
    connect_seconds: float

    async def connect(self, name: str, deadline: float) -> Any:
        """A connection of its own, which the server shows by this name unless the URL has another."""
        settings = {"application_name": self.application_name or name}
        connect: Any = asyncpg.connect
        return await connect(self.dsn, timeout=self.patience(deadline), server_settings=settings)

    async def pool(self, size: int, deadline: float, server_settings: Mapping[str, str]) -> Any:
        """A pool with one open connection."""
        name = {"application_name": self.application_name or "bff"}
        return await asyncpg.create_pool(
            self.dsn,
            min_size=1,
            max_size=size,
            timeout=self.patience(deadline),
            server_settings={**server_settings, **name},
        )

    def patience(self, deadline: float) -> float:
        """Seconds that a new connection may take."""
        return min(self.connect_seconds, deadline) if self.connect_seconds > 0 else deadline


def read_postgres_url(variable: str, url: str) -> PostgresUrl:
    """`SettingsError` in one line, without anything secret, for what asyncpg or the server would not take."""
    try:
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError as error:
        raise SettingsError(f"{variable}: this is no URL; {HINT}") from error
    unknown = sorted(given.keys() - _BY_ASYNCPG - _HERE)
    if unknown:
        known = ", ".join(sorted(_BY_ASYNCPG | _HERE))
        raise SettingsError(f"{variable}: the option {unknown[0]!r} is not supported; use {known}")
    if given.get("sslrootcert") == "system":
        raise SettingsError(f"{variable}: sslrootcert=system is not supported; name the file of certificates")
    name, seconds = given.pop("application_name", None), _seconds(variable, given.pop("connect_timeout", "0"))
    dsn = parts._replace(scheme="postgres", query=urlencode(given)).geturl()
    _check(variable, dsn)
    return PostgresUrl(dsn, name or None, seconds)


def _seconds(variable: str, text: str) -> float:
    try:
        return max(0.0, float(int(text)))
    except ValueError as error:
        raise SettingsError(f"{variable}: connect_timeout is a whole number of seconds") from error


def _check(variable: str, dsn: str) -> None:
    """Reads the URL as a connection does, certificates included.

    What asyncpg says of options names them; other errors may quote a part of the URL, so their text is not shown.
    """
    read: Any = connect_utils._parse_connect_dsn_and_args  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    try:
        addresses, _ = read(**{**dict.fromkeys(signature(read).parameters), "dsn": dsn})
    except asyncpg.ClientConfigurationError as error:
        raise SettingsError(f"{variable}: {str(error).splitlines()[0]}; {HINT}") from error
    except ssl.SSLError as error:
        raise SettingsError(f"{variable}: a file of certificates or keys cannot be read ({error.reason})") from error
    except OSError as error:
        raise SettingsError(f"{variable}: a file that it names cannot be read ({error.strerror})") from error
    except (ValueError, KeyError) as error:
        raise SettingsError(f"{variable}: a host, port or option is malformed; {HINT}") from error
    ports: list[int] = [place[1] for place in addresses if isinstance(place, tuple)]
    if not all(0 < port <= _HIGHEST_PORT for port in ports):
        raise SettingsError(f"{variable}: a port is out of range; {HINT}")
