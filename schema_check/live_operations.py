"""Finds the live operations: those of shipped app versions that still count."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from graphql import DocumentNode, GraphQLSchema

from schema_check.apps import ShippedVersion
from schema_check.clients import SentDocuments
from schema_check.manifests import AppVersion, ManifestOperation
from schema_check.operations import Uses, uses_of
from schema_check.possible_uses import (
    possible_uses_of_any_operation,
    possible_uses_of_directives,
    possible_uses_of_field,
)
from schema_check.usage import UsageExport


class CheckPolicy(NamedTuple):
    """Says which operations are live, and which verdicts fail the check."""

    today: date
    days: int = 90
    """An operation that was not seen for more days is not live."""
    min_versions: Mapping[str, tuple[int, ...]] = {}
    """The lowest supported version of each app."""
    fail_on: str = "breaking"
    """The value of `--fail-on`."""


class LiveOperation(NamedTuple):
    """Represents one live operation of one app version."""

    app: AppVersion
    name: str
    """Empty for an anonymous operation, and for fields that only a usage export lists."""
    number: int
    """The index of its uses in `LiveOperations.uses`."""
    last_seen: date | None
    """None when it is unknown."""

    @property
    def label(self) -> str:
        """The name for reports."""
        return self.name or "(without a name)"

    def free_from(self, policy: CheckPolicy) -> date | None:
        """Returns the first day on which the operation is not live, if no client sends it again. None: unknown."""
        day = self.last_seen + timedelta(policy.days + 1) if self.last_seen else None
        # A live operation cannot be free before today. The usage export is outdated in that case.
        return day if day and day > policy.today else None


class LiveOperations(NamedTuple):
    """Holds the live operations and their distinct documents."""

    operations: list[LiveOperation]
    documents: list[DocumentNode]
    uses: list[Uses]
    """The uses of the documents in their order, then those that only a usage export shows."""
    known: bool
    """False when there are neither manifests nor a usage export."""
    files: Mapping[LiveOperation, str]
    """The files that contain the operations."""
    warnings: Sequence[str]
    """Warnings about operations that were checked in part or not at all."""

    def is_certain(self, number: int, coordinate: str) -> bool:
        """Returns whether the use of an element is known. For usage exports, only that of fields is."""
        return number < len(self.documents) or self.uses[number].fields == {coordinate}


def find_live_operations(
    shipped: Iterable[ShippedVersion], usage: UsageExport | None, schema: GraphQLSchema, policy: CheckPolicy
) -> LiveOperations:
    """Returns the live operations of manifests and of a usage export."""
    collector = _Collector(usage, policy, schema)
    versions = set[AppVersion]()
    for app, manifest in shipped:
        versions.add(app)
        for operation in manifest.operations:
            collector.add_operation(app, operation)
    for app in usage.fields if usage else ():
        collector.add_used_fields(app, known=app in versions)
    known = bool(collector.uses)
    return LiveOperations(
        collector.operations,
        collector.documents,
        collector.uses,
        known,
        collector.files,
        collector.sent_documents.warnings(),
    )


class _Collector:
    def __init__(self, usage: UsageExport | None, policy: CheckPolicy, schema: GraphQLSchema) -> None:
        self.usage = usage
        self.policy = policy
        self.schema = schema
        self.operations: list[LiveOperation] = []
        self.documents: list[DocumentNode] = []
        self.uses: list[Uses] = []
        self.files: dict[LiveOperation, str] = {}
        self.sent_documents = SentDocuments(schema)
        self._numbers: dict[str, int] = {}
        """Indexes of `uses` by the text of the document, or by the coordinate of a field."""
        self._covered = defaultdict[AppVersion, set[str]](set)
        """The fields that the live operations of each version select."""

    def add_operation(self, app: AppVersion, operation: ManifestOperation) -> None:
        """Adds an operation of a manifest if it is live."""
        document = self.sent_documents.document(app, operation)
        if document is None:
            if not self._is_too_old(app):
                self.sent_documents.note(app, operation)
            return
        number = self._number(operation.text, lambda: uses_of(document, self.schema))
        if number == len(self.documents):
            self.documents.append(document)
        live = self._live_operation(app, operation.name, number)
        if live and live not in self.files:
            self.files[live] = operation.file
            self.sent_documents.note(app, operation)
            self._add(live)
            self._covered[app] |= self.uses[number].fields

    def add_used_fields(self, app: AppVersion, *, known: bool) -> None:
        """Adds the fields that a version used and that none of its live operations selects.

        `known` says whether the version has a manifest.
        """
        last_days: Mapping[str, date] = self.usage.fields[app] if self.usage else {}
        fields = sorted(last_days.keys() - self._covered[app])
        for coordinate in fields:
            number = self._number(coordinate, lambda at=coordinate: possible_uses_of_field(at, self.schema))
            self._add(self._live_operation(app, "", number))
        if fields and self.usage:
            # A manifest lists the operations of its version, but an operation that it lacks may have directives.
            complete = known or self.usage.covers(self.policy.days)
            possible_uses = possible_uses_of_directives if complete else possible_uses_of_any_operation
            number = self._number(possible_uses.__name__, lambda: possible_uses(self.schema))
            last = max(last_days[field] for field in fields)
            if not self._is_too_old(app) and not self._is_past(last):
                self._add(LiveOperation(app, "", number, last if complete else None))

    def _number(self, key: str, uses: Callable[[], Uses]) -> int:
        number = self._numbers.setdefault(key, len(self._numbers))
        if number == len(self.uses):
            self.uses.append(uses())
        return number

    def _add(self, live: LiveOperation | None) -> None:
        self.operations += [live] if live else []

    def _live_operation(self, app: AppVersion, name: str, number: int) -> LiveOperation | None:
        if self._is_too_old(app):
            return None
        last_days = self.usage.fields.get(app) if self.usage else None
        if self.usage is None or last_days is None:
            return LiveOperation(app, name, number, None)
        fields = self.uses[number].fields
        days = [last_days[field] for field in fields if field in last_days]
        if len(days) < len(fields) and self.usage.covers(self.policy.days):
            return None
        # An operation uses all of its fields at once, so its last use is not later than that of any field.
        last = min(days, default=None)
        if last and self._is_past(last):
            return None
        return LiveOperation(app, name, number, last if len(days) == len(fields) else None)

    def _is_too_old(self, app: AppVersion) -> bool:
        return app.numbers < self.policy.min_versions.get(app.app, ())

    def _is_past(self, day: date) -> bool:
        until = min(self.policy.today, self.usage.until) if self.usage else self.policy.today
        return day < until - timedelta(self.policy.days)
