"""How many values the variables of a request may have."""

from collections.abc import Mapping
from typing import Any, cast

from core.errors import BadUserInput
from gateway.errors.request_error import reject

MAX_VALUES = 10_000
"""Of all variables together. To read one into what the schema expects, or to find that it is not, takes up to 2 µs."""


def check_values(variables: Mapping[str, Any]) -> None:
    """`RequestError` when there are more; lists and objects within each other count with all that they have."""
    left, todo = MAX_VALUES, list[Any]([variables])
    while todo:
        each = todo.pop()
        if isinstance(each, dict | list):
            within = cast("dict[str, Any] | list[Any]", each)
            left -= len(within)
            if left < 0:
                raise reject(BadUserInput("variables", f"send at most {MAX_VALUES:,} values."))
            todo.extend(within.values() if isinstance(within, dict) else within)
