"""Where something failed and what it was, without the values that were at hand."""

import re
import traceback

_LONGEST = 10_000
_LONGEST_MESSAGE = 1000
_ARGUMENT = re.compile(r"(query argument \$\d+): .*")


def format_error(error: BaseException) -> str:
    """The frames of an exception and of those it follows from, each with the first line of its message.

    Drivers of databases say in further lines, and behind the number of an argument, which values were refused.
    """
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    parts = [format_error(cause), "which led to\n"] if cause is not None else []
    parts += [
        "".join(traceback.format_tb(error.__traceback__))[-_LONGEST:],
        f"{error_summary(error)}\n",
    ]
    inner: tuple[BaseException, ...] = getattr(error, "exceptions", ())
    parts += [format_error(each) for each in inner]
    return "".join(parts)


def error_summary(error: BaseException) -> str:
    """The type of an exception and the first line of its message, without values."""
    what = _ARGUMENT.sub(r"\1", str(error).partition("\n")[0])
    return f"{type(error).__name__}: {what[:_LONGEST_MESSAGE]}"
