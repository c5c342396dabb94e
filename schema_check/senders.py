"""Who sends what: every operation of every version of every app, and whether somebody still does."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from graphql import DocumentNode, GraphQLSchema

from schema_check.apps import Shipped
from schema_check.clients import Sending
from schema_check.manifests import AppVersion, Operation
from schema_check.operations import Uses, uses_of
from schema_check.seen import uses_of_directives, uses_of_everything, uses_of_field
from schema_check.usage import Usage


class Terms(NamedTuple):
    """What counts as live, and what as a failure."""

    today: date
    days: int = 90
    """An operation that was not seen for longer is not live."""
    minimum: Mapping[str, tuple[int, ...]] = {}
    """The lowest version of an app that counts."""
    fail_on: str = "breaking"


class Sender(NamedTuple):
    """One operation of one version of an app, which counts as live."""

    app: AppVersion
    name: str
    """Empty for an anonymous operation, and for what the server has seen of a version without a manifest."""
    number: int
    """Of its document's uses."""
    last_seen: date | None
    """None when it is not known."""

    def free_from(self, terms: Terms) -> date | None:
        """The first day on which it is not live any more, if it is not sent again."""
        day = self.last_seen + timedelta(terms.days + 1) if self.last_seen else None
        # It is live today, so what was seen is not up to date when it says otherwise.
        return day if day and day > terms.today else None


class Senders(NamedTuple):
    """All of them, and the distinct documents that they send."""

    live: list[Sender]
    documents: list[DocumentNode]
    uses: list[Uses]
    """Of the documents in their order, then of versions without a manifest."""
    known: bool
    """Whether anything is known of what apps send."""
    files: Mapping[Sender, str]
    """The files that contain operations."""
    warnings: Sequence[str]
    """What of the operations could not be checked."""

    def is_told(self, number: int, coordinate: str) -> bool:
        """Whether it is known that one of them uses something. A usage export tells of fields only."""
        return number < len(self.documents) or self.uses[number].fields == {coordinate}


def find_senders(shipped: Iterable[Shipped], usage: Usage | None, schema: GraphQLSchema, terms: Terms) -> Senders:
    finding = _Finding(usage, terms, schema)
    versions = set[AppVersion]()
    for app, manifest in shipped:
        versions.add(app)
        for operation in manifest.operations:
            finding.add_operation(app, operation)
    for app in usage.seen if usage else ():
        finding.add_seen(app, known=app in versions)
    known = bool(finding.uses)
    return Senders(finding.live, finding.documents, finding.uses, known, finding.files, finding.sending.warnings())


class _Finding:
    def __init__(self, usage: Usage | None, terms: Terms, schema: GraphQLSchema) -> None:
        self.usage = usage
        self.terms = terms
        self.schema = schema
        self.live: list[Sender] = []
        self.documents: list[DocumentNode] = []
        self.uses: list[Uses] = []
        self.files: dict[Sender, str] = {}
        self.sending = Sending(schema)
        self._numbers: dict[str, int] = {}
        """Of texts of documents, then of fields that were seen."""
        self._covered = defaultdict[AppVersion, set[str]](set)
        """The fields of the live operations of versions."""

    def add_operation(self, app: AppVersion, operation: Operation) -> None:
        document = self.sending.document(app, operation)
        if document is None:
            if not self._is_too_old(app):
                self.sending.note(app, operation)
            return
        number = self._number(operation.text, lambda: uses_of(document, self.schema))
        if number == len(self.documents):
            self.documents.append(document)
        sender = self._sender(app, operation.name, number)
        if sender and sender not in self.files:
            self.files[sender] = operation.file
            self.sending.note(app, operation)
            self._add(sender)
            self._covered[app] |= self.uses[number].fields

    def add_seen(self, app: AppVersion, *, known: bool) -> None:
        """Adds the fields that a version was seen to use and that none of its operations explains."""
        seen: Mapping[str, date] = self.usage.seen[app] if self.usage else {}
        fields = sorted(seen.keys() - self._covered[app])
        for coordinate in fields:
            number = self._number(coordinate, lambda at=coordinate: uses_of_field(at, self.schema))
            self._add(self._sender(app, "", number))
        if fields and self.usage:
            # Of a version with a manifest, the operations are known; but one that is not there may carry directives.
            complete = known or self.usage.knows_absence(self.terms.days)
            made = uses_of_directives if complete else uses_of_everything
            number = self._number(made.__name__, lambda: made(self.schema))
            last = max(seen[field] for field in fields)
            if not self._is_too_old(app) and not self._is_past(last):
                self._add(Sender(app, "", number, last if complete else None))

    def _number(self, key: str, uses: Callable[[], Uses]) -> int:
        number = self._numbers.setdefault(key, len(self._numbers))
        if number == len(self.uses):
            self.uses.append(uses())
        return number

    def _add(self, sender: Sender | None) -> None:
        self.live += [sender] if sender else []

    def _sender(self, app: AppVersion, name: str, number: int) -> Sender | None:
        if self._is_too_old(app):
            return None
        seen = self.usage.seen.get(app) if self.usage else None
        if self.usage is None or seen is None:
            return Sender(app, name, number, None)
        fields = self.uses[number].fields
        days = [seen[field] for field in fields if field in seen]
        if len(days) < len(fields) and self.usage.knows_absence(self.terms.days):
            return None
        # An operation uses all of its fields at once, so it was last sent no later than any of them was used.
        last = min(days, default=None)
        if last and self._is_past(last):
            return None
        return Sender(app, name, number, last if len(days) == len(fields) else None)

    def _is_too_old(self, app: AppVersion) -> bool:
        return app.numbers < self.terms.minimum.get(app.app, ())

    def _is_past(self, day: date) -> bool:
        until = min(self.terms.today, self.usage.until) if self.usage else self.terms.today
        return day < until - timedelta(self.terms.days)
