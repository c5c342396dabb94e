"""Settings of deadlines and of the isolation of features."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, ClassVar

from msgspec import Meta

from core.errors import SettingsError
from core.features import Feature
from core.settings.area import Area

_MAX_SECONDS = 60.0
_VARIABLE = "BFF_FEATURE_DEADLINES"


@dataclass(frozen=True, kw_only=True, repr=False)
class IsolationSettings(Area):
    """The deadline of requests, and what each feature may take of the database."""

    title: ClassVar[str] = "Deadlines and isolation"

    request_seconds: Annotated[
        float,
        Meta(
            gt=0,
            le=600,
            description="Maximum seconds of an operation, and of one event of a subscription. Fields that cannot be "
            "read in time are [UNAVAILABLE](errors/UNAVAILABLE.md). A request may set less "
            "([deadlines](isolation.md#deadline-of-a-request)).",
        ),
    ] = 10.0
    feature_deadline: Annotated[
        float,
        Meta(
            gt=0,
            le=_MAX_SECONDS,
            description="Maximum seconds of a statement that reads for a field, including the wait for its turn. "
            "`BFF_DATABASE_DEADLINE` applies if it is less.",
        ),
    ] = 2.0
    feature_deadlines: Annotated[
        str,
        Meta(
            description="Other maximums of single features, such as `search=1,payments=4`. The features are "
            f"{', '.join(f'`{feature}`' for feature in Feature)}."
        ),
    ] = ""
    feature_share: Annotated[
        float,
        Meta(
            gt=0,
            le=1,
            description="Maximum share of `BFF_DATABASE_POOL` that one feature uses. Further statements of the feature "
            "wait. With 1, a feature that hangs may take all connections.",
        ),
    ] = 0.5

    @cached_property
    def deadlines(self) -> Mapping[Feature, float]:
        """The maximum seconds of a reading statement, by feature."""
        return dict.fromkeys(Feature, self.feature_deadline) | _read(self.feature_deadlines)

    def check(self) -> None:
        _ = self.deadlines  # reading them detects a wrong one


def _read(text: str) -> dict[Feature, float]:
    """Reads `FEATURE=SECONDS[,FEATURE=SECONDS…]`. Raises `SettingsError` for an invalid part."""
    deadlines: dict[Feature, float] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, _, seconds = (piece.strip() for piece in part.partition("="))
        if name not in set(Feature):
            raise SettingsError(f"{_VARIABLE}: unknown feature {name!r}; known are {', '.join(Feature)}")
        feature = Feature(name)
        if feature in deadlines:
            raise SettingsError(f"{_VARIABLE}: {name} is given twice")
        deadlines[feature] = _seconds(name, seconds)
    return deadlines


def _seconds(name: str, text: str) -> float:
    """Returns a number of seconds. `float` would also read `inf`, `nan` and `1_0`."""
    is_number = text.isascii() and text.replace(".", "", 1).isdigit()
    seconds = float(text) if is_number else 0.0
    if not 0 < seconds <= _MAX_SECONDS:
        raise SettingsError(
            f"{_VARIABLE}: {name} must be a number of seconds, greater than 0 and at most {_MAX_SECONDS:.0f}"
        )
    return seconds
