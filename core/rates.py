"""Reads the settings that limit rates."""

from typing import NamedTuple

from core.errors import SettingsError

MAX_QUOTA = 1_000_000_000
MAX_SECONDS = 3600
_KEYS = ("user", "device", "address", "seconds")


class RateRule(NamedTuple):
    """The quotas of a class of operations, in units of cost, and the seconds in which they fill up. 0 is no limit."""

    user: int
    device: int
    address: int
    seconds: int


def read_rate(variable: str, text: str) -> RateRule | None:
    """Reads a rule such as `user=6000,device=3000,address=100000,seconds=60`, or `0` for no limit.

    Raises `SettingsError`, which names the variable.
    """
    if text.strip() == "0":
        return None
    found: dict[str, int] = {}
    for part in text.split(","):
        name, _, value = (each.strip() for each in part.partition("="))
        if name not in _KEYS or name in found or not (value.isascii() and value.isdigit() and len(value) <= 10):  # noqa: PLR2004 - digits of the maximum
            raise SettingsError(
                f"{variable}: {part.strip()[:40]!r} is no quota; use user=6000,device=3000,address=100000,seconds=60, "
                "or 0 for no limit"
            )
        found[name] = int(value)
    rule = RateRule(*(found.get(name, 0) for name in _KEYS))
    if not 1 <= rule.seconds <= MAX_SECONDS:
        raise SettingsError(f"{variable}: name the window as seconds=60, from 1 to {MAX_SECONDS} seconds")
    if not 0 < max(rule[:3]) <= MAX_QUOTA:
        raise SettingsError(f"{variable}: at least one quota is more than 0, and none is more than {MAX_QUOTA:,}")
    return rule
