"""Origins of web pages (RFC 6454), and the ones that may send requests from a browser."""

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
_MAX_LOGGED = 100
_MAX_LOGGED_LENGTH = 200


class Origins:
    """The origins of `BFF_CORS_ORIGINS`, whose pages may send requests.

    `loopback` permits pages of this machine too, on every port: the development servers of browser apps.
    """

    def __init__(self, origins: Collection[str] = (), *, loopback: bool = False) -> None:
        self._origins = frozenset(origins)
        self._loopback = loopback
        self._logged: set[str] = set()
        self.any = ANY in self._origins

    def __bool__(self) -> bool:
        """Returns whether the setting contains origins. If so, responses vary by origin."""
        return bool(self._origins)

    def contains(self, origin: str) -> bool:
        """Returns whether the origin itself is permitted, not only by `*`."""
        return origin in self._origins or (self._loopback and _is_loopback(origin))

    def permit(self, origin: str | None, host: str | None) -> bool:
        """Returns whether a page may send requests. Apps outside a browser send no origin and are permitted.

        `host` is the request's `Host` header: pages of the server itself are always permitted.
        """
        return origin is None or self.any or self.contains(origin) or is_same(origin, host)

    def log_rejection(self, origin: str) -> None:
        """Logs a rejected origin with the name of the setting, once for each of the first hundred origins."""
        if origin not in self._logged and len(self._logged) < _MAX_LOGGED:
            self._logged.add(origin)
            shown = origin[:_MAX_LOGGED_LENGTH]
            logger.warning("rejected a browser page of origin %r: BFF_CORS_ORIGINS does not contain it", shown)


def read_origins(variable: str, text: str) -> list[str]:
    """Reads comma-separated origins in the form that browsers send.

    Removes default ports and converts to lower case. Raises `SettingsError`, which names the variable.
    """
    origins: list[str] = []
    for part in filter(None, map(str.strip, text.split(","))):
        origin = part if part == ANY else normalize(part)
        if origin is None:
            raise SettingsError(f"{variable}: {part!r} is not an origin; use origins such as https://app.example")
        origins.append(origin)
    return origins


def normalize(text: str) -> str | None:
    """Returns an origin in the form that browsers send: lower case, no default port. None for other text."""
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
