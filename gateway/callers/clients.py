"""Reads the app and version that a client sends. They are used for usage counts, not for authorization."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, cast

from core.client import Client

_PREFIXES = ("apollographql-client", "graphql-client", "x-graphql-client")
"""Prefixes of header names: Apollo's, and those of other clients."""

_NAMES = tuple(f"{prefix}-name" for prefix in _PREFIXES)
_VERSIONS = tuple(f"{prefix}-version" for prefix in _PREFIXES)
_HEADERS = {header.encode(): header for header in (*_NAMES, *_VERSIONS)}

CLIENT_HEADERS = tuple(_HEADERS)
"""The names of all headers that may name a client."""

_MAX_LENGTH = 100
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:@/()+-]{0,99}", re.ASCII)
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,49}", re.ASCII)


class ClientReader:
    """Reads the client of a request. `apps` maps names that clients send to names of apps."""

    def __init__(self, apps: Mapping[str, str]) -> None:
        self._apps = apps
        self._cached = lru_cache(maxsize=1024)(self._of_pairs)

    def read_headers(self, headers: Iterable[tuple[bytes, bytes]]) -> Client:
        """Returns the client of a request with these ASGI headers, whose names are in lower case.

        Of equal headers the first counts, as everywhere.
        """
        return self._cached(
            tuple([(name, value) for name, value in headers if name in _HEADERS and len(value) <= _MAX_LENGTH])
        )

    def read_payload(self, payload: Mapping[str, Any]) -> Client:
        """Returns the client of a WebSocket with this `connection_init` payload, because browsers cannot send headers.

        The payload contains the names of the headers, at the top or in `headers`, or an object `client`.
        """
        headers = _mapping(payload.get("headers"))
        values = {str(name).lower(): value for name, value in (*headers.items(), *payload.items())}
        client = _mapping(payload.get("client"))
        values |= {f"graphql-client-{part}": client[part] for part in ("name", "version") if part in client}
        return self._of({name: values[name] for name in (*_NAMES, *_VERSIONS) if isinstance(values.get(name), str)})

    def _of_pairs(self, pairs: tuple[tuple[bytes, bytes], ...]) -> Client:
        return self._of({_HEADERS[name]: value.decode("latin-1") for name, value in reversed(pairs)})

    def _of(self, values: Mapping[str, str]) -> Client:
        """Ignores values that are too long or have other characters, because they appear in logs and counts."""
        name, version = _first(values, _NAMES), _first(values, _VERSIONS)
        name = name if _NAME.fullmatch(name) else ""
        return Client(self._apps.get(name, name), version if _VERSION.fullmatch(version) else "", name)


def _first(values: Mapping[str, str], names: Iterable[str]) -> str:
    return next((values[name].strip() for name in names if values.get(name)), "")


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
