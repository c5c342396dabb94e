"""The operations that benchmarks send."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.world import PROJECT, home_request


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation with a body for each caller in turn, or one body for all.

    Each valid response contains the text `expected`.
    """

    bodies: tuple[bytes, ...]
    expected: str

    def body(self, place: int) -> bytes:
        """Returns the body of the caller at this place."""
        return self.bodies[place % len(self.bodies)]


def body(query: str, name: str | None = None, variables: Mapping[str, Any] | None = None) -> bytes:
    """Returns the body of a request, as an app sends it. It is one line."""
    parts = {"query": query, "operationName": name, "variables": variables}
    return json.dumps({key: value for key, value in parts.items() if value is not None}).encode()


def app_operations(file: str) -> str:
    """Returns the text of a file of operations of the apps."""
    return (PROJECT / "schema-operations" / file).read_text()


def home_screen() -> Operation:
    """Returns the home screen of the apps."""
    return Operation((home_request(),), '"viewer":{')
