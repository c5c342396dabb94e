"""Formats exceptions for logs without the values that their messages contain."""

import re
import traceback

from core.card_numbers import mask_card_numbers

_MAX_FRAMES = 10_000
_MAX_MESSAGE = 1000
_VALUE = re.compile(
    r"(query argument \$\d+|invalid input (?:syntax|value) for [^:]+|out of range): .*"
    r"|(?<=value)() \"[^\"]*\""
)
"""A value in the first line of a message of PostgreSQL or its driver. The group before it stays."""


def format_error(error: BaseException) -> str:
    """Returns the frames of an exception and of its causes, each with the first line of its message.

    The messages of databases and their drivers contain values in further lines, and some in the first one.
    """
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    parts = [format_error(cause), "which led to\n"] if cause is not None else []
    parts += [
        "".join(traceback.format_tb(error.__traceback__))[-_MAX_FRAMES:],
        f"{error_summary(error)}\n",
    ]
    inner: tuple[BaseException, ...] = getattr(error, "exceptions", ())
    parts += [format_error(exception) for exception in inner]
    return "".join(parts)


def error_summary(error: BaseException) -> str:
    """Returns the type of an exception and the first line of its message, without values and card numbers."""
    message = _VALUE.sub(r"\1", str(error).partition("\n")[0])
    return f"{type(error).__name__}: {mask_card_numbers(message[:_MAX_MESSAGE])}"
