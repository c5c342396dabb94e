"""Content negotiation by quality values, from 0 (not acceptable) to 1."""

from collections.abc import Mapping, Sequence
from functools import lru_cache


def quality(parameters: Sequence[str]) -> float:
    """Returns the quality of an item with these parameters."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return _number(value)
    return 1.0


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if 0 <= number <= 1 else 0.0


@lru_cache(maxsize=256)
def preferred_coding(accepted: str, offered: Sequence[str]) -> str | None:
    """Returns the offered coding with the highest quality, or None for identity. Offers are ordered by preference."""
    qualities = _qualities(accepted)
    default = qualities.get("*", 0.0)
    best, best_quality = None, qualities.get("identity", 0.0)
    for coding in reversed(offered):
        coding_quality = qualities.get(coding, default)
        if coding_quality and coding_quality >= best_quality:
            best, best_quality = coding, coding_quality
    return best


def _qualities(header: str) -> Mapping[str, float]:
    qualities: dict[str, float] = {}
    for item in header.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        qualities[name] = quality(parameters)
    return qualities
