"""The home screen of a demo user, as the seed writes it."""

import json
from pathlib import Path
from typing import Any

_CHANGED_BY_SIGN_IN = ("notificationCounts", "notifications", "liveCursor")
"""Fields of the viewer that a sign-in changes when the relay has read it: the inbox tells of new devices."""


def home_of_ana(project: Path) -> dict[str, Any]:
    """Returns the home screen of a user who has just signed in, without what depends on the sign-in."""
    return without_sign_in(json.loads((project / "tests/feed/home-of-ana.json").read_text()))


def without_sign_in(response: dict[str, Any]) -> dict[str, Any]:
    """Returns a home screen without what depends on the sign-in. Expects that it was there."""
    viewer = {**response["data"]["viewer"]}
    for name in _CHANGED_BY_SIGN_IN:
        del viewer[name]
    return {**response, "data": {"viewer": viewer}}
