"""Limits the number of values in the variables of a request."""

from collections.abc import Mapping
from typing import Any, cast

from core.errors import BadUserInput
from gateway.errors.request_error import reject

MAX_VALUES = 10_000
"""Values in all variables of a request. The coercion of one value takes up to 2 µs."""


def check_values(variables: Mapping[str, Any]) -> None:
    """Raises `RequestError` for more than `MAX_VALUES` values. Nested lists and objects count with their values."""
    remaining, stack = MAX_VALUES, list[Any]([variables])
    while stack:
        value = stack.pop()
        if isinstance(value, dict | list):
            container = cast("dict[str, Any] | list[Any]", value)
            remaining -= len(container)
            if remaining < 0:
                raise reject(BadUserInput("variables", f"send at most {MAX_VALUES:,} values."))
            stack.extend(container.values() if isinstance(container, dict) else container)
