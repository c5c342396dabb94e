"""Counting in a process. It costs one addition to a number in a dictionary."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple, Self, cast

_APP = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)
_VERSION = re.compile(r"v?(\d{1,9}(?:\.\d{1,9}){0,5})(?:[-+].*)?", re.ASCII)
_MAX_NAME = 100


class OperationShape(NamedTuple):
    """What an operation selects: coordinates like `User.handle`, sorted, and the SHA-256 of that in hexadecimal."""

    hash: str
    fields: str

    @classmethod
    def of(cls, fields: Iterable[str]) -> Self:
        text = " ".join(sorted(fields))
        return cls(hashlib.sha256(text.encode()).hexdigest(), text)


class OperationUse(NamedTuple):
    """Who sent what. An app or a version is empty when it is not known."""

    app: str
    version: str
    operation: str
    shape: str


class UsageLimits(NamedTuple):
    """How much of a day a process counts apart, so that what clients say of themselves fills no table."""

    apps: int = 100
    versions: int = 200
    """Of an app."""
    operations: int = 500
    """Of an app, over all of its versions."""
    uses: int = 20_000
    letters: int = 10_000_000
    """Of the fields of shapes."""


class CountedUsage(NamedTuple):
    """What was counted since it was last taken, and how many uses the counts lack."""

    counts: dict[OperationUse, int]
    shapes: dict[str, str]
    left_out: int
    new_day: bool
    """Whether this is the first of a day."""


class UsageCounts:
    """What this process has counted and not kept yet.

    Beyond the bounds, an app or a version counts as not known, and an operation is left out. Both are counted.
    """

    def __init__(self, bounds: UsageLimits | None = None) -> None:
        self._bounds = bounds or UsageLimits()
        self._counts: dict[OperationUse, int] = {}
        self._shapes: dict[str, str] = {}
        self._left_out = 0
        self._day: date | None = None
        self._kept_day: date | None = None
        """Of which it is kept that somebody counted."""
        self._seen = _Seen()

    def count(self, shape: OperationShape, operation: str, app: str, version: str) -> None:
        """One use, by an app as it says itself."""
        use, counts = (*_client(app, version), operation, shape.hash), self._counts
        if use in counts:
            counts[cast("OperationUse", use)] += 1
        else:
            self._count_new(OperationUse(*use)._replace(operation=operation[:_MAX_NAME]), shape)

    def take(self, day: date) -> CountedUsage:
        """All of it, to be kept as of this day; what cannot be kept has to be given back."""
        if day != self._day and self._day is not None:
            # What is kept as of a day has shapes that are kept as of it too, so both can be forgotten by their days.
            used = {use.shape for use in self._counts}
            self._shapes |= {key: fields for key, fields in self._seen.shapes.items() if key in used}
            self._seen = _Seen()
        taken = CountedUsage(self._counts, self._shapes, self._left_out, new_day=day != self._kept_day)
        self._counts, self._shapes, self._left_out = {}, {}, 0
        self._day = self._kept_day = day
        return taken

    def give_back(self, taken: CountedUsage) -> None:
        for use, number in taken.counts.items():
            self._counts[use] = self._counts.get(use, 0) + number
        self._shapes |= taken.shapes
        self._left_out += taken.left_out
        if taken.new_day:
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
        apps, bounds = self._seen.apps, self._bounds
        versions = apps.get(use.app, ())
        more_apps = len(apps) <= bounds.apps or use.app in apps
        more_versions = len(versions) < bounds.versions or use.version in versions
        return use if more_apps and more_versions else use._replace(app="", version="")

    def _admits(self, use: OperationUse, shape: OperationShape) -> bool:
        seen, bounds = self._seen, self._bounds
        if use in seen.uses:
            return True
        operations = seen.operations[use.app]
        return (
            ((use.operation, use.shape) in operations or len(operations) < bounds.operations)
            and len(seen.uses) < bounds.uses
            and len(self._counts) < bounds.uses
            and (use.shape in seen.shapes or seen.letters + len(shape.fields) <= bounds.letters)
        )


class _Seen:
    """What a day has had."""

    def __init__(self) -> None:
        self.uses = set[OperationUse]()
        self.shapes: dict[str, str] = {}
        self.letters = 0
        self.apps = defaultdict[str, set[str]](set, {"": {""}})
        """Versions by app; who is not known is one beside the others."""
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
    """As a manifest is named: the numbers of a version, since some clients add the build; empty when it has none."""
    numbers = _VERSION.fullmatch(version)
    return app if _APP.fullmatch(app) else "", numbers[1] if numbers else ""
