"""Masks card numbers in records of logs. Numbers that are passed as numbers, such as ids, stay readable."""

import logging
from collections.abc import Mapping
from datetime import date, datetime
from types import NoneType
from typing import Any, cast

from core.card_numbers import mask_card_numbers

_NOT_TEXT = frozenset({int, float, bool, NoneType, datetime, date})
_MAX_DEPTH = 8
"""Deeper values are written as text."""


def masked_message(record: logging.LogRecord) -> str:
    """Returns the message of a record. Beside numbers as arguments, the parts of the message are masked one by one."""
    message = record.getMessage()
    masked, args = mask_card_numbers(message), record.args
    if masked is message or not args:
        return masked
    values = args.values() if isinstance(args, Mapping) else args
    if not any(isinstance(value, int | float) for value in values):
        return masked
    parts: Any = (
        {name: masked_value(value) for name, value in args.items()}
        if isinstance(args, Mapping)
        else tuple(map(masked_value, args))
    )
    try:
        return mask_card_numbers(str(record.msg)) % parts
    except (TypeError, ValueError, LookupError):  # the mask has replaced a placeholder or its value
        return masked


def masked_value(value: object, depth: int = 0) -> object:
    """Returns a value with masked texts, also inside lists and mappings. Other values are replaced by the mask."""
    kind = type(value)
    if kind is str:
        return mask_card_numbers(cast("str", value))
    if kind in _NOT_TEXT:
        return value
    if isinstance(value, list | tuple) and depth < _MAX_DEPTH:
        return [masked_value(item, depth + 1) for item in cast("list[object]", value)]
    if isinstance(value, dict) and depth < _MAX_DEPTH:
        pairs = cast("dict[object, object]", value).items()
        return {masked_value(name, depth + 1): masked_value(item, depth + 1) for name, item in pairs}
    return _masked_object(value)


def _masked_object(value: Any) -> object:
    """Returns the object, or its masked text if a text of it contains a card number."""
    for text in (str(value), repr(value)):
        masked = mask_card_numbers(text)
        if masked is not text:
            return masked
    return value
