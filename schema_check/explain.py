"""Lists the operations that use one schema element, and the day on which it can be removed."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from schema_check.apps import ShippedOperations
from schema_check.changes.deprecations import reason_of, removal_date
from schema_check.coordinates import find_element, removal_of
from schema_check.live_operations import CheckPolicy, LiveOperation, LiveOperations, find_live_operations
from schema_check.operations import OperationIndex
from schema_check.operations.validation import ValidationIssue, validate_documents
from schema_check.schemas import LoadedSchema, find_schema_issues
from schema_check.usage import UsageExport
from schema_check.wording import count_of

_UNKNOWN_USES = "The removal date is unknown: operations are invalid against this schema, so their uses are unknown."


def explain(
    coordinate: str, loaded: LoadedSchema, shipped: ShippedOperations, usage: UsageExport | None, policy: CheckPolicy
) -> str:
    """Returns the report of `bff schema explain`. Raises `SchemaCheckError` for an unknown coordinate."""
    element = find_element(loaded.schema, coordinate)
    live = find_live_operations(shipped.versions, usage, loaded.schema, policy)
    invalid = validate_documents(live.documents, live.uses, loaded.schema, loaded.schema).invalid_before
    numbers = OperationIndex(live.uses).affected_by(removal_of(coordinate, element))
    users = [operation for operation in live.operations if operation.number in numbers]
    reason = reason_of(element)
    lines = [coordinate, *([f"  {' '.join(element.description.split())}"] if element.description else [])]
    lines.append(f"  deprecated: {reason}" if reason is not None else "  not deprecated")
    invalid_operations = list(_invalid(live, invalid))
    removal = _UNKNOWN_USES if invalid_operations else _removal(users, live, removal_date(reason), policy)
    lines += ["", *_users(users, live), "", removal]
    warnings = [*find_schema_issues(loaded, loaded), *live.warnings, *invalid_operations]
    lines += ["", *warnings] if warnings else []
    return "\n".join(lines) + "\n"


def _invalid(live: LiveOperations, invalid: Mapping[int, list[ValidationIssue]]) -> Iterator[str]:
    """Yields one sentence for each live operation that is invalid against the schema. Its uses are known in part."""
    for operation in live.operations:
        if operation.number in invalid:
            file, issue = live.files.get(operation, ""), invalid[operation.number][0]
            yield f"{file}: {operation.app} {operation.label} is invalid against this schema: {issue.message}"


def _users(users: list[LiveOperation], live: LiveOperations) -> Iterator[str]:
    if not live.known:
        yield "No operations of apps are known."
        return
    versions = {operation.app for operation in users}
    subject = f"{count_of(len(users), 'live operation')} of {count_of(len(versions), 'app version')}"
    yield f"Used by {subject}" + ("." if not users else ":")
    for operation in sorted(users, key=lambda user: (user.app.app, user.app.numbers, user.name)):
        seen = f"last seen {operation.last_seen}" if operation.last_seen else "last seen: unknown"
        yield f"  {operation.app}  {operation.label}  {seen}"


def _removal(users: list[LiveOperation], live: LiveOperations, announced: date | None, policy: CheckPolicy) -> str:
    free_days = [operation.free_from(policy) for operation in users]
    if not live.known or None in free_days:
        return "The removal date is unknown; --usage shows when each operation was last seen."
    days = [policy.today, *(day for day in free_days if day), *([announced + timedelta(1)] if announced else [])]
    day = max(days)
    if day == policy.today:
        return "It can be removed today."
    return f"It can be removed on {day}, unless an operation uses it before."
