"""Origins of web pages (RFC 6454): which of them may send requests from a browser."""

import logging
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import urlsplit

from core.errors import SettingsError

logger = logging.getLogger(__name__)

ANY = "*"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEMES_WITHOUT_PAGES = frozenset({"about", "blob", "data", "file", "ftp", "javascript", "mailto", "ws", "wss"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_MOST_LOGGED = 100
_LONGEST_LOGGED = 200


class Origins:
    """The origins whose pages may send requests, as `BFF_CORS_ORIGINS` lists them.

    With `loopback`, pages of this machine may too, on every port: the development servers of browser apps.
    """

    def __init__(self, listed: Collection[str] = (), *, loopback: bool = False) -> None:
        self._listed = frozenset(listed)
        self._loopback = loopback
        self._logged: set[str] = set()
        self.any = ANY in self._listed

    def __bool__(self) -> bool:
        """Whether origins are listed, so that every answer differs by the request's origin."""
        return bool(self._listed)

    def name(self, origin: str) -> bool:
        """Returns whether the origin is permitted by itself, and not only because every origin is."""
        return origin in self._listed or (self._loopback and _is_loopback(origin))

    def permit(self, origin: str | None, host: str | None) -> bool:
        """Returns whether a page may send requests. Apps outside a browser name no origin, and may.

        `host` is the request's `Host` header: pages of the server itself may always.
        """
        return origin is None or self.any or self.name(origin) or is_same(origin, host)

    def log_refusal(self, origin: str) -> None:
        """Logs the setting that would permit the origin: once for each of the first hundred origins."""
        if origin not in self._logged and len(self._logged) < _MOST_LOGGED:
            self._logged.add(origin)
            shown = origin[:_LONGEST_LOGGED]
            logger.warning("a browser page of origin %r was refused: BFF_CORS_ORIGINS does not list it", shown)


def read_origins(variable: str, text: str) -> list[str]:
    """Reads a setting's comma-separated origins, written as browsers send them.

    A default port and capital letters are left out. Raises `SettingsError`, which names the variable.
    """
    found: list[str] = []
    for part in filter(None, map(str.strip, text.split(","))):
        origin = part if part == ANY else normalize(part)
        if origin is None:
            raise SettingsError(f"{variable}: {part!r} is no origin; write them like https://app.example")
        found.append(origin)
    return found


def normalize(text: str) -> str | None:
    """Returns an origin as browsers send it: in lower case, without a default port. None for other text."""
    try:
        parts = urlsplit(text)
        scheme, host, port = parts.scheme.lower(), (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    bracketed = f"[{host}]" if ":" in host else host
    if not host or scheme in _SCHEMES_WITHOUT_PAGES or ANY in text:
        return None
    if text.lower() not in (f"{scheme}://{bracketed}", f"{scheme}://{bracketed}:{port}"):
        return None
    return f"{scheme}://{bracketed}" + ("" if port in (None, _DEFAULT_PORTS.get(scheme)) else f":{port}")


def is_same(origin: str, host: str | None) -> bool:
    """Returns whether the origin is the server that the `Host` header names, behind a proxy that ends TLS or not."""
    scheme, separator, _ = origin.partition("://")
    if not separator or host is None:
        return False
    own = normalize(f"{scheme}://{host}")
    return own is not None and own == normalize(origin)


@lru_cache(maxsize=256)
def _is_loopback(origin: str) -> bool:
    parts = urlsplit(normalize(origin) or "")
    name = parts.netloc.removesuffix(f":{parts.port}")
    return parts.scheme in _DEFAULT_PORTS and (name in _LOOPBACK or name.endswith(".localhost"))
