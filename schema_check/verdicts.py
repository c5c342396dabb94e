"""Decides for each schema change whether it may be merged, from the live operations that it affects."""

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
from schema_check.changes.deprecations import removal_dates
from schema_check.live_operations import CheckPolicy, LiveOperation, LiveOperations
from schema_check.operations import OperationIndex
from schema_check.operations.validation import ValidationResult

REMOVALS = {"TYPE_REMOVED", "FIELD_REMOVED", "ARG_REMOVED", "VALUE_REMOVED_FROM_ENUM", "DIRECTIVE_ARG_REMOVED"}
"""The codes of changes for which the date of a deprecation counts."""


class Verdict(StrEnum):
    """Classifies a change, the worst first."""

    BREAKS = "breaks"
    """Breaking, and live operations are broken or affected, or no operations are known."""
    EARLY = "early"
    """Removed before the date that its deprecation announces."""
    RISKY = "risky"
    """Dangerous, and live operations are affected, or no operations are known."""
    APPROVED = "approved"
    """Would fail the check without an approval."""
    UNUSED = "unused"
    """Breaking, and no live operation is affected."""
    QUIET = "quiet"
    """Dangerous, and no live operation is affected."""
    SAFE = "safe"
    """Neither breaking nor dangerous."""


FAILS = {"breaking": {Verdict.BREAKS, Verdict.EARLY}, "dangerous": {Verdict.BREAKS, Verdict.EARLY, Verdict.RISKY}}
"""The verdicts that fail the check, by the value of `--fail-on`. With "never", no verdict does."""


class Effect(NamedTuple):
    """Says how a change affects one operation of one app version."""

    operation: LiveOperation
    effect: str
    """broken: no longer valid; affected: valid, but it uses the changed element."""
    reason: str


class ChangeFinding(NamedTuple):
    """Holds a change, its verdict, and its effects on live operations."""

    change: SchemaChange
    verdict: Verdict
    effects: list[Effect]
    safe_from: date | None
    """The first day on which the change affects no live operation; None when that is unknown."""
    announced: date | None
    """The last day on which a deprecation keeps the element."""
    approval: Approval | None


class VerdictInputs(NamedTuple):
    """Holds everything besides the changes that verdicts depend on."""

    before: GraphQLSchema
    live: LiveOperations
    validation: ValidationResult
    approvals: Sequence[Approval]
    policy: CheckPolicy


def find_verdicts(changes: Sequence[SchemaChange], inputs: VerdictInputs) -> list[ChangeFinding]:
    """Returns a finding for each change, and for each validation error that no change explains; the worst first."""
    effects = _effects(changes, inputs)
    announced: dict[str, list[tuple[str, date]]] = {}
    for coordinate, day in removal_dates(inputs.before).items():
        announced.setdefault(re.split(r"[.(]", coordinate)[0], []).append((coordinate, day))
    order = list(Verdict)
    findings = [_finding(change, effects.get(change, []), _announced(change, announced), inputs) for change in effects]
    return sorted(
        findings, key=lambda finding: (order.index(finding.verdict), finding.change.coordinate, finding.change.code)
    )


def _effects(changes: Sequence[SchemaChange], inputs: VerdictInputs) -> dict[SchemaChange, list[Effect]]:
    index = OperationIndex(inputs.live.uses)
    affected = {change: index.affected_by(change) for change in changes}
    causes = find_causes(changes, affected, inputs.validation)
    by_number: dict[int, list[LiveOperation]] = {}
    for operation in inputs.live.operations:
        by_number.setdefault(operation.number, []).append(operation)
    return {
        change: [
            _effect(operation, change, issues.get(number), inputs)
            for number in sorted({*affected.get(change, ()), *issues} - set(inputs.validation.invalid_before))
            for operation in by_number.get(number, ())
        ]
        for change, issues in causes.items()
    }


def _effect(operation: LiveOperation, change: SchemaChange, issue: str | None, inputs: VerdictInputs) -> Effect:
    if issue is not None:
        return Effect(operation, "broken", issue)
    if inputs.live.is_certain(operation.number, change.coordinate):
        return Effect(operation, "affected", advice_on(change).effect)
    return Effect(operation, "affected", "the usage export does not cover it, so it counts as used")


def _announced(change: SchemaChange, announced: Mapping[str, Sequence[tuple[str, date]]]) -> date | None:
    """Returns the latest removal date that deprecations announce for the removed element and everything in it."""
    if change.code not in REMOVALS:
        return None
    at = change.coordinate
    dates = announced.get(change.type_name, ())
    return max(
        (day for coordinate, day in dates if coordinate == at or coordinate.startswith((f"{at}.", f"{at}("))),
        default=None,
    )


def _finding(
    change: SchemaChange, effects: list[Effect], announced: date | None, inputs: VerdictInputs
) -> ChangeFinding:
    today = inputs.policy.today
    verdict = _verdict(change, effects, announced, inputs)
    approval = find_approval(inputs.approvals, change, today) if verdict in FAILS["dangerous"] else None
    free_days = (
        [effect.operation.free_from(inputs.policy) for effect in effects] if verdict in FAILS["dangerous"] else []
    )
    safe_from: date | None = max(
        [today, *(day for day in free_days if day), *([announced + timedelta(1)] if announced else [])]
    )
    if None in free_days or (verdict in (Verdict.BREAKS, Verdict.RISKY) and not effects):
        safe_from = None
    return ChangeFinding(change, Verdict.APPROVED if approval else verdict, effects, safe_from, announced, approval)


def _verdict(change: SchemaChange, effects: list[Effect], announced: date | None, inputs: VerdictInputs) -> Verdict:
    used = bool(effects) or not inputs.live.known
    if any(effect.effect == "broken" for effect in effects):
        return Verdict.BREAKS
    if change.severity is Severity.SAFE:
        return Verdict.SAFE
    if change.severity is Severity.DANGEROUS:
        return Verdict.RISKY if used else Verdict.QUIET
    if used:
        return Verdict.BREAKS
    return Verdict.EARLY if announced and inputs.policy.today <= announced else Verdict.UNUSED
