"""The result of a check of an installation."""

from typing import NamedTuple


class Diagnosis(NamedTuple):
    """A check and the advice for the operator. Without advice the check has passed."""

    what: str
    advice: str | None = None
