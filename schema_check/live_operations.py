"""Who sends what: every operation of every version of every app, and whether somebody still does."""

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
    """What counts as live, and what as a failure."""

    today: date
    days: int = 90
    """An operation that was not seen for longer is not live."""
    minimum: Mapping[str, tuple[int, ...]] = {}
    """The lowest version of an app that counts."""
    fail_on: str = "breaking"


class LiveOperation(NamedTuple):
    """One operation of one version of an app, which counts as live."""

    app: AppVersion
    name: str
    """Empty for an anonymous operation, and for what the server has seen of a version without a manifest."""
    number: int
    """Of its document's uses."""
    last_seen: date | None
    """None when it is not known."""

    def free_from(self, policy: CheckPolicy) -> date | None:
        """The first day on which it is not live any more, if it is not sent again."""
        day = self.last_seen + timedelta(policy.days + 1) if self.last_seen else None
        # It is live today, so what was seen is not up to date when it says otherwise.
        return day if day and day > policy.today else None


class LiveOperations(NamedTuple):
    """All of them, and the distinct documents that they send."""

    operations: list[LiveOperation]
    documents: list[DocumentNode]
    uses: list[Uses]
    """Of the documents in their order, then of versions without a manifest."""
    known: bool
    """Whether anything is known of what apps send."""
    files: Mapping[LiveOperation, str]
    """The files that contain operations."""
    warnings: Sequence[str]
    """What of the operations could not be checked."""

    def is_certain(self, number: int, coordinate: str) -> bool:
        """Whether it is known that one of them uses something. A usage export tells of fields only."""
        return number < len(self.documents) or self.uses[number].fields == {coordinate}


def find_live_operations(
    shipped: Iterable[ShippedVersion], usage: UsageExport | None, schema: GraphQLSchema, policy: CheckPolicy
) -> LiveOperations:
    collector = _Collector(usage, policy, schema)
    versions = set[AppVersion]()
    for app, manifest in shipped:
        versions.add(app)
        for operation in manifest.operations:
            collector.add_operation(app, operation)
    for app in usage.fields if usage else ():
        collector.add_seen(app, known=app in versions)
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
        """Of texts of documents, then of fields that were seen."""
        self._covered = defaultdict[AppVersion, set[str]](set)
        """The fields of the live operations of versions."""

    def add_operation(self, app: AppVersion, operation: ManifestOperation) -> None:
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

    def add_seen(self, app: AppVersion, *, known: bool) -> None:
        """Adds the fields that a version was seen to use and that none of its operations explains."""
        seen: Mapping[str, date] = self.usage.fields[app] if self.usage else {}
        fields = sorted(seen.keys() - self._covered[app])
        for coordinate in fields:
            number = self._number(coordinate, lambda at=coordinate: possible_uses_of_field(at, self.schema))
            self._add(self._live_operation(app, "", number))
        if fields and self.usage:
            # Of a version with a manifest, the operations are known; but one that is not there may carry directives.
            complete = known or self.usage.knows_absence(self.policy.days)
            made = possible_uses_of_directives if complete else possible_uses_of_any_operation
            number = self._number(made.__name__, lambda: made(self.schema))
            last = max(seen[field] for field in fields)
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
        seen = self.usage.fields.get(app) if self.usage else None
        if self.usage is None or seen is None:
            return LiveOperation(app, name, number, None)
        fields = self.uses[number].fields
        days = [seen[field] for field in fields if field in seen]
        if len(days) < len(fields) and self.usage.knows_absence(self.policy.days):
            return None
        # An operation uses all of its fields at once, so it was last sent no later than any of them was used.
        last = min(days, default=None)
        if last and self._is_past(last):
            return None
        return LiveOperation(app, name, number, last if len(days) == len(fields) else None)

    def _is_too_old(self, app: AppVersion) -> bool:
        return app.numbers < self.policy.minimum.get(app.app, ())

    def _is_past(self, day: date) -> bool:
        until = min(self.policy.today, self.usage.until) if self.usage else self.policy.today
        return day < until - timedelta(self.policy.days)
