"""Which app asks, as it says itself. For counting and for asking it to upgrade; nothing is allowed because of it."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, cast

from core.client import Client

_PREFIXES = ("apollographql-client", "graphql-client", "x-graphql-client")
"""Apollo's clients, and what others agreed on."""

_NAMES = tuple(f"{prefix}-name" for prefix in _PREFIXES)
_VERSIONS = tuple(f"{prefix}-version" for prefix in _PREFIXES)
_HEADERS = {header.encode(): header for header in (*_NAMES, *_VERSIONS)}

_LONGEST = 100
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:@/()+-]{0,99}", re.ASCII)
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,49}", re.ASCII)


class ClientReader:
    """Reads who asks. `apps` has the app of every name that is not the app's own."""

    def __init__(self, apps: Mapping[str, str]) -> None:
        self._apps = apps
        self._remembered = lru_cache(maxsize=1024)(self._of_pairs)

    def read_headers(self, headers: Iterable[tuple[bytes, bytes]]) -> Client:
        """Of a request's headers, as ASGI has them: names are in lower case."""
        return self._remembered(
            tuple([(name, value) for name, value in headers if name in _HEADERS and len(value) <= _LONGEST])
        )

    def read_payload(self, payload: Mapping[str, Any]) -> Client:
        """Of what opens a WebSocket: by the names of the headers, beside each other or in `headers`, or in `client`.

        Apps that can send headers when they open it do so instead; browsers cannot.
        """
        inner = _mapping(payload.get("headers"))
        said = {str(name).lower(): value for name, value in (*inner.items(), *payload.items())}
        described = _mapping(payload.get("client"))
        said |= {f"graphql-client-{part}": described[part] for part in ("name", "version") if part in described}
        return self._of({name: said[name] for name in (*_NAMES, *_VERSIONS) if isinstance(said.get(name), str)})

    def _of_pairs(self, pairs: tuple[tuple[bytes, bytes], ...]) -> Client:
        return self._of({_HEADERS[name]: value.decode("latin-1") for name, value in pairs})

    def _of(self, sent: Mapping[str, str]) -> Client:
        """What is too long or has other letters counts as not said, since it ends up in logs and counts."""
        name, version = _first(sent, _NAMES), _first(sent, _VERSIONS)
        name = name if _NAME.fullmatch(name) else ""
        return Client(self._apps.get(name, name), version if _VERSION.fullmatch(version) else "", name)


def _first(sent: Mapping[str, str], names: Iterable[str]) -> str:
    return next((sent[name].strip() for name in names if sent.get(name)), "")


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
