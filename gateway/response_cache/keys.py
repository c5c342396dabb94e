"""Keys of stored responses."""

from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import orjson

from core.viewer import SignedIn, Viewer
from gateway.execution.operation import Operation

_KEY_BYTES = 15
_CODE = ("adapters", "core", "engine", "events", "gateway", "loaders", "models", "resolvers", "schema", "services")
"""The packages that determine a response and its tags."""


class Recipient(NamedTuple):
    """The one for whom a response is stored: a user on a device, or 0 and 0 without a signed-in user."""

    user_id: int
    device_id: int


EVERYONE = Recipient(0, 0)


def recipient_of(viewer: Viewer) -> Recipient:
    """Returns the recipient of the responses for a viewer. Some fields differ between the devices of a user."""
    return Recipient(viewer.user_id, viewer.device_id) if isinstance(viewer, SignedIn) else EVERYONE


class ResponseKeys:
    """Creates keys from everything that a response depends on.

    That is the code of this release, the document, the operation, its variables, the viewer, the content coding, and
    the language if the operation selects a text. No other header of a request changes a response.
    """

    def __init__(self, name: str) -> None:
        self._prefix = f"{name}:responses:"

    def key(
        self, operation: Operation, declared: frozenset[str], recipient: Recipient, coding: str, language: str
    ) -> str | None:
        """Returns the key, or None if a variable has no canonical form in JSON.

        `declared` are the variables that the operation declares. Clients cannot create more keys with others.
        `language` is empty if no text depends on it.
        """
        variables = operation.variables
        if not declared.issuperset(variables):
            variables = {name: value for name, value in variables.items() if name in declared}
        parts = (operation.document.hash, operation.name, variables, *recipient, coding, language)
        try:
            text = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
        except TypeError:
            return None
        return self._prefix + blake2b(text, digest_size=_KEY_BYTES, key=_release()).hexdigest()


@cache
def _release() -> bytes:
    """Returns a digest of the code, because servers of two releases may share a store while one replaces the other."""
    digest = blake2b(digest_size=32)
    for name in _CODE:
        spec = find_spec(name)
        assert spec is not None  # noqa: S101 - the packages of this project
        assert spec.origin is not None  # noqa: S101 - as above
        for file in sorted(Path(spec.origin).parent.rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.digest()
