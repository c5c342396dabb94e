"""Hostile requests: well-formed, and written to cost as much as possible. The malformed ones are in `corpus/`.

Each entry has the code with which it is rejected before execution, and the code if the document is registered.
"""

from tests.gateway.security.hostile.entries import Hostile
from tests.gateway.security.hostile.expensive import EXPENSIVE
from tests.gateway.security.hostile.fragments import FRAGMENTS
from tests.gateway.security.hostile.registered import REGISTERED
from tests.gateway.security.hostile.repeated import REPEATED
from tests.gateway.security.hostile.texts import TEXTS
from tests.gateway.security.hostile.values import VALUES

DOCUMENTS: tuple[Hostile, ...] = (*FRAGMENTS, *REPEATED, *TEXTS, *VALUES, *EXPENSIVE)


def registered_code(entry: Hostile) -> str:
    """Returns the code of a document that is registered."""
    return REGISTERED.get((entry.kind, entry.name), entry.code)


__all__ = ["DOCUMENTS", "Hostile", "registered_code"]
