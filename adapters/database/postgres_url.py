"""Reads `postgres://` URLs with the semantics of libpq, and thus of `psql`.

asyncpg reads most options as libpq does. It would send an unknown option to the server as a setting, so this module
rejects options that are not supported.
"""

import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

import asyncpg
from asyncpg import connect_utils

from adapters.database.hosts import connect_to_first
from adapters.database.postgres_connection import PatientConnection
from core.errors import SettingsError

SCHEMES = ("postgres", "postgresql", "asyncpg")
HINT = "use postgres://USER:PASSWORD@HOST:PORT/NAME, with %40 for @, %2F for / and %3A for : in names"

_ASYNCPG_OPTIONS = {
    *("host", "port", "dbname", "user", "password", "passfile", "service", "options", "target_session_attrs"),
    *("sslmode", "sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl", "sslnegotiation", "krbsrvname"),
    *("ssl_min_protocol_version", "ssl_max_protocol_version"),
}
_MAX_PORT = 65535
_NEXT_URL = re.compile(rf",\s*(?=(?:{'|'.join(SCHEMES)})://)")
_OWN_OPTIONS = {"application_name", "connect_timeout"}

Address = str | tuple[str, int]
"""A host and a port, or the path of a socket."""


class ServerTarget(NamedTuple):
    """The servers, the user and the database of a URL."""

    addresses: list[Address]
    user: str
    password: str | None
    database: str


@dataclass(frozen=True, slots=True)
class PostgresUrl:
    """The address and options of a server. `connect_seconds` of 0 means that the URL has no limit.

    `address` is `HOST:PORT/NAME`, or `SOCKET/NAME`, with a comma between several hosts.
    """

    dsn: str
    address: str
    application_name: str | None
    connect_seconds: float

    async def connect(self, name: str, deadline: float) -> Any:
        """Opens a connection outside of the pool. `name` is its application name, unless the URL has another."""
        settings = {"application_name": self.application_name or name}
        return await self._connect(self.dsn, timeout=self.connect_timeout(deadline), server_settings=settings)

    async def pool(self, size: int, deadline: float, server_settings: Mapping[str, str]) -> Any:
        """Opens a pool with one connection."""
        name = {"application_name": self.application_name or "bff"}
        return await asyncpg.create_pool(
            self.dsn,
            connect=self._connect,
            init_size=1,
            min_size=0,  # an idle connection is closed when pipelines need its slot
            max_size=size,
            timeout=self.connect_timeout(deadline),
            connection_class=PatientConnection,
            server_settings={**server_settings, **name},
        )

    async def _connect(self, dsn: str, *, timeout: float, **more: Any) -> Any:  # noqa: ASYNC109 - the signature of asyncpg
        """Opens a connection of asyncpg to the first server that can be used."""

        async def connect(addresses: Sequence[Address]) -> Any:
            hosts, ports = zip(*map(split_address, addresses), strict=True)
            open_one: Any = asyncpg.connect
            return await open_one(dsn, host=list(hosts), port=list(ports), timeout=timeout, **more)

        return await connect_to_first(self.alternatives(), timeout, connect)

    def alternatives(self) -> list[list[Address]]:
        """Returns the addresses that are tried one after the other.

        `prefer-standby` compares all servers, so the drivers receive all of them at once.
        """
        addresses = self.target().addresses
        if self.options().get("target_session_attrs") == "prefer-standby":
            return [addresses]
        return [[address] for address in addresses]

    def target(self) -> ServerTarget:
        """Reads the addresses and the user, with the password file, as asyncpg does for each connection."""
        addresses, parameters = _read(self.dsn)
        return ServerTarget(addresses, parameters.user, parameters.password, parameters.database)

    def options(self) -> dict[str, str]:
        """Returns the options of the URL, with the names of libpq."""
        return dict(parse_qsl(urlsplit(self.dsn).query))

    def connect_timeout(self, deadline: float) -> float:
        """Returns the maximum seconds for opening a connection."""
        return min(self.connect_seconds, deadline) if self.connect_seconds > 0 else deadline


def split_urls(text: str) -> list[str]:
    """Returns the URLs of a list. A comma within a URL separates hosts; one before a scheme separates URLs."""
    return [url.strip() for url in _NEXT_URL.split(text)]


def read_postgres_url(variable: str, url: str) -> PostgresUrl:
    """Reads a URL. Raises `SettingsError`, without secrets, for a URL that asyncpg or the server would reject."""
    try:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError as error:
        raise SettingsError(f"{variable}: not a URL; {HINT}") from error
    unknown = sorted(options.keys() - _ASYNCPG_OPTIONS - _OWN_OPTIONS)
    if unknown:
        known = ", ".join(sorted(_ASYNCPG_OPTIONS | _OWN_OPTIONS))
        raise SettingsError(f"{variable}: the option {unknown[0]!r} is not supported; use {known}")
    if options.get("sslrootcert") == "system":
        raise SettingsError(f"{variable}: sslrootcert=system is not supported; use a file of certificates")
    name, seconds = options.pop("application_name", None), _seconds(variable, options.pop("connect_timeout", "0"))
    dsn = parts._replace(scheme="postgres", query=urlencode(options)).geturl()
    return PostgresUrl(dsn, _address(variable, dsn), name or None, seconds)


def _seconds(variable: str, text: str) -> float:
    try:
        return max(0.0, float(int(text)))
    except ValueError as error:
        raise SettingsError(f"{variable}: connect_timeout must be an integer, in seconds") from error


def _address(variable: str, dsn: str) -> str:
    """Reads the URL as a connection does, including certificates, and returns its `address`.

    asyncpg's messages about options contain only their names. Other errors may quote parts of the URL, so their text is
    not used.
    """
    try:
        addresses, parameters = _read(dsn)
    except asyncpg.ClientConfigurationError as error:
        raise SettingsError(f"{variable}: {str(error).splitlines()[0]}; {HINT}") from error
    except ssl.SSLError as error:
        raise SettingsError(f"{variable}: cannot read a file of certificates or keys ({error.reason})") from error
    except OSError as error:
        raise SettingsError(f"{variable}: cannot read a file of the URL ({error.strerror})") from error
    except (ValueError, KeyError) as error:
        raise SettingsError(f"{variable}: a host, port or option is malformed; {HINT}") from error
    ports: list[int] = [address[1] for address in addresses if isinstance(address, tuple)]
    if not all(0 < port <= _MAX_PORT for port in ports):
        raise SettingsError(f"{variable}: a port is out of range; {HINT}")
    return f"{','.join(map(_host, addresses))}/{parameters.database}"


def _read(dsn: str) -> Any:
    read: Any = connect_utils._parse_connect_dsn_and_args  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    return read(**{**dict.fromkeys(signature(read).parameters), "dsn": dsn})


def split_address(address: Address) -> tuple[str, int]:
    """Returns the host and the port. The host of a socket is its folder."""
    if isinstance(address, str):
        folder, _, port = address.rpartition("/.s.PGSQL.")
        return folder, int(port)
    return address


def _host(address: Address) -> str:
    if isinstance(address, str):
        return address
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
