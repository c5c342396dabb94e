"""Names of IANA time zones."""

import re
from functools import cache
from importlib.resources import files

_OFFSET = re.compile(r"(?:GMT|UTC)([+-])0?(\d{1,2})(?::?00)?", re.IGNORECASE)
_MAX_OFFSETS = {"+": 14, "-": 12}


def time_zone(value: str) -> str | None:
    """Returns the IANA time zone; `GMT+03:00` is `Etc/GMT-3`. Returns None if there is none."""
    name = value.strip()
    if offset := _OFFSET.fullmatch(name):
        sign, hours = offset[1], int(offset[2])
        if hours == 0:
            return "Etc/GMT"
        # The names of these zones count westwards.
        return f"Etc/GMT{'-' if sign == '+' else '+'}{hours}" if hours <= _MAX_OFFSETS[sign] else None
    return _zones().get(name.lower())


@cache
def _zones() -> dict[str, str]:
    """Returns IANA's names by their lower case, from `tzdata`: a system's folder also has files that are no zones."""
    names = files("tzdata").joinpath("zones").read_text().split()
    return {name.lower(): name for name in names if name != "Factory"}
