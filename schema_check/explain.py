"""Who uses one thing of a schema, when last, and when it could go."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from schema_check.apps import Reading
from schema_check.changes.deprecations import day_of, reason_of
from schema_check.coordinates import find_element, removal_of
from schema_check.formats.style import counted
from schema_check.operations import Index
from schema_check.operations.validity import Fault, validity_of
from schema_check.schemas import LoadedSchema, find_faults
from schema_check.senders import Sender, Senders, Terms, find_senders
from schema_check.usage import Usage

_UNCLEAR = (
    "It is not known when it could go: operations are invalid against this schema, so what they use is not known."
)


def explain(coordinate: str, loaded: LoadedSchema, shipped: Reading, usage: Usage | None, terms: Terms) -> str:
    element = find_element(loaded.schema, coordinate)
    senders = find_senders(shipped.versions, usage, loaded.schema, terms)
    invalid = validity_of(senders.documents, senders.uses, loaded.schema, loaded.schema).invalid_before
    numbers = Index(senders.uses).concerned(removal_of(coordinate, element))
    users = [sender for sender in senders.live if sender.number in numbers]
    reason = reason_of(element)
    told = [coordinate, *([f"  {' '.join(element.description.split())}"] if element.description else [])]
    told.append(f"  deprecated: {reason}" if reason is not None else "  not deprecated")
    unclear = list(_invalid(senders, invalid))
    when = _UNCLEAR if unclear else _when(users, senders, day_of(reason), terms)
    told += ["", *_users(users, senders), "", when]
    warnings = [*find_faults(loaded, loaded), *senders.warnings, *unclear]
    told += ["", *warnings] if warnings else []
    return "\n".join(told) + "\n"


def _invalid(senders: Senders, invalid: Mapping[int, list[Fault]]) -> Iterator[str]:
    """The live operations that the schema refuses: what they use of it is known only in part."""
    for sender in senders.live:
        if sender.number in invalid:
            who = f"{sender.app.app} {sender.app.version} {sender.name or '(without a name)'}"
            file, fault = senders.files.get(sender, ""), invalid[sender.number][0]
            yield f"{file}: {who} is invalid against this schema: {fault.message}"


def _users(users: list[Sender], senders: Senders) -> Iterator[str]:
    if not senders.known:
        yield "Nothing is known of what apps send."
        return
    versions = {sender.app for sender in users}
    who = f"{counted(len(users), 'live operation')} of {counted(len(versions), 'app version')}"
    yield f"Used by {who}" + ("." if not users else ":")
    for sender in sorted(users, key=lambda each: (each.app.app, each.app.numbers, each.name)):
        seen = f"last seen {sender.last_seen}" if sender.last_seen else "not known when it was last seen"
        yield f"  {sender.app.app} {sender.app.version}  {sender.name or '(without a name)'}  {seen}"


def _when(users: list[Sender], senders: Senders, promised: date | None, terms: Terms) -> str:
    free = [sender.free_from(terms) for sender in users]
    if not senders.known or None in free:
        return "It is not known when it could go; --usage says when each operation was last seen."
    days = [terms.today, *(day for day in free if day), *([promised + timedelta(1)] if promised else [])]
    when = max(days)
    if when == terms.today:
        return "It could go today."
    return f"It could go on {when}, if nobody uses it until then."
