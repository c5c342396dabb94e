"""From changes and the operations of shipped apps to what may be merged."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from graphql import GraphQLSchema

from schema_check.advice import advice_on
from schema_check.approvals import Approval, find_approval
from schema_check.causes import find_causes
from schema_check.changes import SchemaChange, Severity
from schema_check.changes.deprecations import promised_days
from schema_check.live_operations import CheckPolicy, LiveOperation, LiveOperations
from schema_check.operations import OperationIndex
from schema_check.operations.validation import ValidationResult

GOES = {"TYPE_REMOVED", "FIELD_REMOVED", "ARG_REMOVED", "VALUE_REMOVED_FROM_ENUM", "DIRECTIVE_ARG_REMOVED"}


class Verdict(StrEnum):
    """What is thought of a change, the worst first."""

    BREAKS = "breaks"
    """Live operations are broken or affected, or may be, since nothing is known of them."""
    EARLY = "early"
    """Something goes before the day that its deprecation promised."""
    RISKY = "risky"
    """Dangerous, and live operations are affected."""
    APPROVED = "approved"
    UNUSED = "unused"
    """Breaking, and no live operation uses it."""
    QUIET = "quiet"
    """Dangerous, and no live operation is affected."""
    SAFE = "safe"


FAILS = {"breaking": {Verdict.BREAKS, Verdict.EARLY}, "dangerous": {Verdict.BREAKS, Verdict.EARLY, Verdict.RISKY}}
"""By what `--fail-on` says; nothing fails when it says never."""


class Effect(NamedTuple):
    """What a change does to one operation of one version of an app."""

    operation: LiveOperation
    effect: str
    """broken: not valid any more; affected: valid, and uses what changed."""
    why: str


class ChangeFinding(NamedTuple):
    """A change, whom it concerns, and what is thought of it."""

    change: SchemaChange
    verdict: Verdict
    effects: list[Effect]
    safe_from: date | None
    """The first day on which it would break nobody; None when that is not known."""
    promised: date | None
    """The last day for which a deprecation promised it."""
    approval: Approval | None


class VerdictInputs(NamedTuple):
    """All that verdicts are made from, beside the changes themselves."""

    before: GraphQLSchema
    live: LiveOperations
    validation: ValidationResult
    approvals: Sequence[Approval]
    policy: CheckPolicy


def find_verdicts(changes: Sequence[SchemaChange], known: VerdictInputs) -> list[ChangeFinding]:
    effects = _effects(changes, known)
    promised: dict[str, list[tuple[str, date]]] = {}
    for where, day in promised_days(known.before).items():
        promised.setdefault(re.split(r"[.(]", where)[0], []).append((where, day))
    order = list(Verdict)
    findings = [_finding(change, effects.get(change, []), _promise(change, promised), known) for change in effects]
    return sorted(findings, key=lambda each: (order.index(each.verdict), each.change.coordinate, each.change.code))


def _effects(changes: Sequence[SchemaChange], known: VerdictInputs) -> dict[SchemaChange, list[Effect]]:
    index = OperationIndex(known.live.uses)
    affected = {change: index.affected_by(change) for change in changes}
    causes = find_causes(changes, affected, known.validation)
    by_number: dict[int, list[LiveOperation]] = {}
    for operation in known.live.operations:
        by_number.setdefault(operation.number, []).append(operation)
    return {
        change: [
            _effect(operation, change, issues.get(number), known)
            for number in sorted({*affected.get(change, ()), *issues} - set(known.validation.invalid_before))
            for operation in by_number.get(number, ())
        ]
        for change, issues in causes.items()
    }


def _effect(operation: LiveOperation, change: SchemaChange, issue: str | None, known: VerdictInputs) -> Effect:
    if issue is not None:
        return Effect(operation, "broken", issue)
    return Effect(operation, "affected", _why(change, operation.number, known))


def _why(change: SchemaChange, number: int, known: VerdictInputs) -> str:
    told = known.live.is_certain(number, change.coordinate)
    return advice_on(change).why if told else "the usage export does not tell, so it counts as used"


def _promise(change: SchemaChange, promised: Mapping[str, Sequence[tuple[str, date]]]) -> date | None:
    """Of what goes, and of everything in it."""
    if change.code not in GOES:
        return None
    at = change.coordinate
    inside = promised.get(change.type_name, ())
    return max((day for where, day in inside if where == at or where.startswith((f"{at}.", f"{at}("))), default=None)


def _finding(change: SchemaChange, effects: list[Effect], promised: date | None, known: VerdictInputs) -> ChangeFinding:
    today = known.policy.today
    verdict = _verdict(change, effects, promised, known)
    approval = find_approval(known.approvals, change, today) if verdict in FAILS["dangerous"] else None
    free = [effect.operation.free_from(known.policy) for effect in effects] if verdict in FAILS["dangerous"] else []
    safe_from: date | None = max(
        [today, *(day for day in free if day), *([promised + timedelta(1)] if promised else [])]
    )
    if None in free or (verdict is Verdict.BREAKS and not effects) or (verdict is Verdict.RISKY and not effects):
        safe_from = None
    return ChangeFinding(change, Verdict.APPROVED if approval else verdict, effects, safe_from, promised, approval)


def _verdict(change: SchemaChange, effects: list[Effect], promised: date | None, known: VerdictInputs) -> Verdict:
    used = bool(effects) or not known.live.known
    if any(effect.effect == "broken" for effect in effects):
        return Verdict.BREAKS
    if change.severity is Severity.SAFE:
        return Verdict.SAFE
    if change.severity is Severity.DANGEROUS:
        return Verdict.RISKY if used else Verdict.QUIET
    if used:
        return Verdict.BREAKS
    return Verdict.EARLY if promised and known.policy.today <= promised else Verdict.UNUSED
