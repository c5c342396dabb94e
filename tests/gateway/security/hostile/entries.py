"""An entry of the catalogue, and helpers that write documents."""

from collections.abc import Mapping
from typing import Any, NamedTuple

PARSE = "GRAPHQL_PARSE_FAILED"
VALIDATION = "GRAPHQL_VALIDATION_FAILED"
COST = "COST_EXCEEDED"
INPUT = "BAD_USER_INPUT"
REQUEST = "BAD_REQUEST"
ACCEPTED = ""
"""The code of a document that is executed, because it is cheap."""
NOT_REGISTERED = "PERSISTED_QUERY_NOT_IN_LIST"


class Hostile(NamedTuple):
    """A document with the values of its variables, and the code of its rejection."""

    kind: str
    name: str
    text: str
    code: str
    variables: Mapping[str, Any] = {}


def each(times: int, written: str, between: str = " ") -> str:
    """Returns a text many times, with its number in place of `#`."""
    return between.join(written.replace("#", str(number)) for number in range(times))


def user(selections: str) -> str:
    """Returns a query of fields of a user."""
    return f'{{ user(handle: "ana") {{ {selections} }} }}'


def nested(depth: int, opening: str, inside: str, closing: str) -> str:
    """Returns a text that is nested in itself."""
    return opening * depth + inside + closing * depth
