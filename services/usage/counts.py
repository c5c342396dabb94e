"""Counts operations in a process. Each count is one addition to a number in a dictionary."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple, Self

_APP = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)
_VERSION = re.compile(r"v?(\d{1,9}(?:\.\d{1,9}){0,5})(?:[-+].*)?", re.ASCII)
_MAX_NAME = 100


class OperationShape(NamedTuple):
    """The fields that an operation selects: sorted coordinates like `User.handle`, and their SHA-256 in hexadecimal."""

    hash: str
    fields: str

    @classmethod
    def of(cls, fields: Iterable[str]) -> Self:
        text = " ".join(sorted(fields))
        return cls(hashlib.sha256(text.encode()).hexdigest(), text)


class OperationUse(NamedTuple):
    """An operation and the app that sent it. An app or a version is empty if it is unknown."""

    app: str
    version: str
    operation: str
    shape: str


class UsageLimits(NamedTuple):
    """The maximum of different values that a process counts per day, so that clients cannot fill the tables."""

    apps: int = 100
    versions: int = 200
    """Per app."""
    operations: int = 500
    """Per app, over all of its versions."""
    uses: int = 20_000
    letters: int = 10_000_000
    """Characters of the field names of all shapes together."""


class CountedUsage(NamedTuple):
    """The counts since the last call of `take`, and the number of uses that they lack."""

    counts: dict[OperationUse, int]
    shapes: dict[str, str]
    left_out: int
    new_day: bool
    """Whether these are the first counts of a day."""


class UsageCounts:
    """The counts of this process that are not stored yet.

    Beyond the limits, an app or a version counts as unknown, and an operation is not counted. The number of both is
    kept.
    """

    def __init__(self, limits: UsageLimits | None = None) -> None:
        self._limits = limits or UsageLimits()
        self._counts: dict[OperationUse, int] = {}
        self._shapes: dict[str, str] = {}
        self._left_out = 0
        self._day: date | None = None
        self._kept_day: date | None = None
        """The last day that is stored as a day with counts."""
        self._seen = _Seen()

    def count(self, shape: OperationShape, operation: str, app: str, version: str) -> None:
        """Counts one use by the app that the client names."""
        use, counts = (*_client(app, version), operation, shape.hash), self._counts
        try:
            counts[use] += 1  # type: ignore[index] - equal to an `OperationUse`
        except KeyError:
            self._count_new(OperationUse(*use)._replace(operation=operation[:_MAX_NAME]), shape)

    def take(self, day: date) -> CountedUsage:
        """Returns all counts, to be stored for this day, and resets them. `give_back` undoes it after a failure."""
        if day != self._day and self._day is not None:
            # Counts and their shapes are stored for the same day, so that retention can delete both by day.
            used = {use.shape for use in self._counts}
            self._shapes |= {key: fields for key, fields in self._seen.shapes.items() if key in used}
            self._seen = _Seen()
        counted = CountedUsage(self._counts, self._shapes, self._left_out, new_day=day != self._kept_day)
        self._counts, self._shapes, self._left_out = {}, {}, 0
        self._day = self._kept_day = day
        return counted

    def give_back(self, counted: CountedUsage) -> None:
        """Adds counts that could not be stored."""
        for use, number in counted.counts.items():
            self._counts[use] = self._counts.get(use, 0) + number
        self._shapes |= counted.shapes
        self._left_out += counted.left_out
        if counted.new_day:
            self._kept_day = None

    def _count_new(self, use: OperationUse, shape: OperationShape) -> None:
        known = self._known_client(use)
        admitted = self._admits(known, shape)
        if known != use or not admitted:
            self._left_out += 1
        if admitted:
            self._seen.note(known)
            if shape.hash not in self._seen.shapes:
                self._seen.note_shape(shape)
                self._shapes[shape.hash] = shape.fields
            self._counts[known] = self._counts.get(known, 0) + 1

    def _known_client(self, use: OperationUse) -> OperationUse:
        apps, limits = self._seen.apps, self._limits
        versions = apps.get(use.app, ())
        more_apps = len(apps) <= limits.apps or use.app in apps
        more_versions = len(versions) < limits.versions or use.version in versions
        return use if more_apps and more_versions else use._replace(app="", version="")

    def _admits(self, use: OperationUse, shape: OperationShape) -> bool:
        seen, limits = self._seen, self._limits
        if use in seen.uses:
            return True
        operations = seen.operations[use.app]
        return (
            ((use.operation, use.shape) in operations or len(operations) < limits.operations)
            and len(seen.uses) < limits.uses
            and len(self._counts) < limits.uses
            and (use.shape in seen.shapes or seen.letters + len(shape.fields) <= limits.letters)
        )


class _Seen:
    """The values that were counted on one day."""

    def __init__(self) -> None:
        self.uses = set[OperationUse]()
        self.shapes: dict[str, str] = {}
        self.letters = 0
        self.apps = defaultdict[str, set[str]](set, {"": {""}})
        """The versions by app. The unknown app is one of them."""
        self.operations = defaultdict[str, set[tuple[str, str]]](set)

    def note(self, use: OperationUse) -> None:
        self.uses.add(use)
        self.apps[use.app].add(use.version)
        self.operations[use.app].add((use.operation, use.shape))

    def note_shape(self, shape: OperationShape) -> None:
        self.shapes[shape.hash] = shape.fields
        self.letters += len(shape.fields)


@lru_cache(maxsize=4096)
def _client(app: str, version: str) -> tuple[str, str]:
    """Returns app and version as manifests name them, each empty if it is invalid.

    A version is its numbers, without the build that some clients add.
    """
    numbers = _VERSION.fullmatch(version)
    return app if _APP.fullmatch(app) else "", numbers[1] if numbers else ""
