"""What a client takes, by the qualities that its headers give: from 0, not at all, to 1."""

from collections.abc import Mapping, Sequence
from functools import lru_cache


def quality(parameters: Sequence[str]) -> float:
    """How much a header wants the item that these parameters follow."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return _number(value)
    return 1.0


def _number(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        return 0.0
    return found if 0 <= found <= 1 else 0.0


@lru_cache(maxsize=256)
def preferred_coding(accepted: str, offered: Sequence[str]) -> str | None:
    """Of the offered codings, best first, the one that an Accept-Encoding header wants most; None for plain bytes."""
    wanted = _qualities(accepted)
    others = wanted.get("*", 0.0)
    best, most = None, wanted.get("identity", 0.0)
    for coding in reversed(offered):
        wish = wanted.get(coding, others)
        if wish and wish >= most:
            best, most = coding, wish
    return best


def _qualities(header: str) -> Mapping[str, float]:
    found: dict[str, float] = {}
    for item in header.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        found[name] = quality(parameters)
    return found
