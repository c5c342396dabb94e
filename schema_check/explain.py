"""Who uses one thing of a schema, when last, and when it could go."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from schema_check.apps import ShippedOperations
from schema_check.changes.deprecations import day_of, reason_of
from schema_check.coordinates import find_element, removal_of
from schema_check.formats.style import counted
from schema_check.live_operations import CheckPolicy, LiveOperation, LiveOperations, find_live_operations
from schema_check.operations import OperationIndex
from schema_check.operations.validation import ValidationIssue, validate_documents
from schema_check.schemas import LoadedSchema, find_schema_issues
from schema_check.usage import UsageExport

_UNCLEAR = (
    "It is not known when it could go: operations are invalid against this schema, so what they use is not known."
)


def explain(
    coordinate: str, loaded: LoadedSchema, shipped: ShippedOperations, usage: UsageExport | None, policy: CheckPolicy
) -> str:
    element = find_element(loaded.schema, coordinate)
    live = find_live_operations(shipped.versions, usage, loaded.schema, policy)
    invalid = validate_documents(live.documents, live.uses, loaded.schema, loaded.schema).invalid_before
    numbers = OperationIndex(live.uses).affected_by(removal_of(coordinate, element))
    users = [operation for operation in live.operations if operation.number in numbers]
    reason = reason_of(element)
    told = [coordinate, *([f"  {' '.join(element.description.split())}"] if element.description else [])]
    told.append(f"  deprecated: {reason}" if reason is not None else "  not deprecated")
    unclear = list(_invalid(live, invalid))
    when = _UNCLEAR if unclear else _when(users, live, day_of(reason), policy)
    told += ["", *_users(users, live), "", when]
    warnings = [*find_schema_issues(loaded, loaded), *live.warnings, *unclear]
    told += ["", *warnings] if warnings else []
    return "\n".join(told) + "\n"


def _invalid(live: LiveOperations, invalid: Mapping[int, list[ValidationIssue]]) -> Iterator[str]:
    """The live operations that the schema refuses: what they use of it is known only in part."""
    for operation in live.operations:
        if operation.number in invalid:
            who = f"{operation.app.app} {operation.app.version} {operation.name or '(without a name)'}"
            file, issue = live.files.get(operation, ""), invalid[operation.number][0]
            yield f"{file}: {who} is invalid against this schema: {issue.message}"


def _users(users: list[LiveOperation], live: LiveOperations) -> Iterator[str]:
    if not live.known:
        yield "Nothing is known of what apps send."
        return
    versions = {operation.app for operation in users}
    who = f"{counted(len(users), 'live operation')} of {counted(len(versions), 'app version')}"
    yield f"Used by {who}" + ("." if not users else ":")
    for operation in sorted(users, key=lambda each: (each.app.app, each.app.numbers, each.name)):
        seen = f"last seen {operation.last_seen}" if operation.last_seen else "not known when it was last seen"
        yield f"  {operation.app.app} {operation.app.version}  {operation.name or '(without a name)'}  {seen}"


def _when(users: list[LiveOperation], live: LiveOperations, promised: date | None, policy: CheckPolicy) -> str:
    free = [operation.free_from(policy) for operation in users]
    if not live.known or None in free:
        return "It is not known when it could go; --usage says when each operation was last seen."
    days = [policy.today, *(day for day in free if day), *([promised + timedelta(1)] if promised else [])]
    when = max(days)
    if when == policy.today:
        return "It could go today."
    return f"It could go on {when}, if nobody uses it until then."
