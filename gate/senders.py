"""Who sends what: every operation of every version of every app, and whether somebody still does."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from graphql import DocumentNode, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, is_composite_type

from gate.apps import Shipped
from gate.manifests import AppVersion
from gate.operations import Uses, uses_of
from gate.operations.values import named_type
from gate.usage import Usage


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


def find_senders(shipped: Iterable[Shipped], usage: Usage | None, schema: GraphQLSchema, terms: Terms) -> Senders:
    finding = _Finding(usage, terms)
    numbers: dict[str, int] = {}
    """Of texts of documents, then of fields that were seen."""
    documents: list[DocumentNode] = []
    versions = set[AppVersion]()
    for app, manifest in shipped:
        versions.add(app)
        for operation in manifest.operations:
            number = numbers.setdefault(operation.text, len(numbers))
            if number == len(documents):
                documents.append(operation.document)
                finding.uses.append(uses_of(operation.document, schema))
            finding.add(app, operation.name, number)
    for app, seen in usage.seen.items() if usage else ():
        for coordinate in sorted(seen) if app not in versions else ():
            number = numbers.setdefault(coordinate, len(numbers))
            if number == len(finding.uses):
                finding.uses.append(_uses_of_field(coordinate, schema))
            finding.add(app, "", number)
    return Senders(finding.live, documents, finding.uses, known=bool(finding.uses))


class _Finding:
    def __init__(self, usage: Usage | None, terms: Terms) -> None:
        self.usage = usage
        self.terms = terms
        self.live: list[Sender] = []
        self.uses: list[Uses] = []

    def add(self, app: AppVersion, name: str, number: int) -> None:
        if app.numbers < self.terms.minimum.get(app.app, ()):
            return
        seen = self.usage.seen.get(app) if self.usage else None
        if self.usage is None or seen is None:
            self.live.append(Sender(app, name, number, None))
            return
        fields = self.uses[number].fields
        days = [seen[field] for field in fields if field in seen]
        if len(days) < len(fields) and self.usage.knows_absence(self.terms.days):
            return
        # An operation uses all of its fields at once, so it was last sent no later than any of them was used.
        last = min(days, default=None)
        if last and last < min(self.terms.today, self.usage.until) - timedelta(self.terms.days):
            return
        self.live.append(Sender(app, name, number, last if len(days) == len(fields) else None))


def _uses_of_field(coordinate: str, schema: GraphQLSchema) -> Uses:
    """With which arguments is not known, so with all and with none."""
    uses = Uses(fields={coordinate})
    type_name, _, name = coordinate.partition(".")
    parent = schema.get_type(type_name)
    field = parent.fields.get(name) if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) else None
    if parent and field:
        kind = named_type(field.type)
        arguments = {f"{coordinate}({argument}:)" for argument in field.args}
        uses.types |= {parent.name, kind.name, *(named_type(argument.type).name for argument in field.args.values())}
        uses.elements |= arguments
        uses.left_out |= arguments
        if not isinstance(kind, GraphQLObjectType) or is_composite_type(kind):
            uses.reads.add(kind.name)
    return uses
