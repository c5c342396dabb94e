"""Runs the whole check: compares two schemas, applies the changes to the operations of apps, and makes a report."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from schema_check.approvals import Approval
from schema_check.apps import ShippedOperations
from schema_check.changes import find_changes
from schema_check.invalid import find_invalid_operations
from schema_check.lint import RuleSetting, RuleViolation, find_new_violations
from schema_check.live_operations import CheckPolicy, LiveOperations, find_live_operations
from schema_check.operations.validation import validate_documents
from schema_check.renames import guess_renames
from schema_check.schemas import LoadedSchema, find_schema_issues
from schema_check.usage import UsageExport
from schema_check.verdicts import FAILS, ChangeFinding, VerdictInputs, find_verdicts


class CheckInputs(NamedTuple):
    """Holds everything that a check reads."""

    before: LoadedSchema
    after: LoadedSchema
    shipped: ShippedOperations
    usage: UsageExport | None
    approvals: Sequence[Approval]
    policy: CheckPolicy
    lint: Mapping[str, RuleSetting] = {}


class Report(NamedTuple):
    """Holds the results of a check, which the formats render."""

    before: LoadedSchema
    after: LoadedSchema
    findings: list[ChangeFinding]
    """The changes, the worst verdict first."""
    lint: list[RuleViolation]
    warnings: list[str]
    renames: Mapping[str, str]
    operations: int
    """The number of live operations."""
    versions: int
    """The number of app versions with a live operation."""
    policy: CheckPolicy
    read: ShippedOperations
    """The operations that were read, and their files."""
    errors: Sequence[str] = ()
    """Operations that could not be checked. With any, the status is 2."""

    def fails(self, result: ChangeFinding | RuleViolation) -> bool:
        """Returns whether the result fails the check under the policy."""
        if isinstance(result, RuleViolation):
            return result.setting is RuleSetting.ERROR and self.policy.fail_on in FAILS
        return result.verdict in FAILS.get(self.policy.fail_on, ())

    @property
    def exit(self) -> int:
        """The exit status of the command."""
        if self.errors:
            return 2
        return 1 if any(map(self.fails, [*self.findings, *self.lint])) else 0


def check(inputs: CheckInputs) -> Report:
    """Returns the report of a check. Raises `SchemaCheckError` when the later schema has new validation errors."""
    issues = find_schema_issues(inputs.before, inputs.after)
    before, after, policy = inputs.before.schema, inputs.after.schema, inputs.policy
    changes = find_changes(before, after)
    live = find_live_operations(inputs.shipped.versions, inputs.usage, before, policy)
    validation = validate_documents(live.documents, live.uses, before, after)
    known = VerdictInputs(before, live, validation, inputs.approvals, policy)
    invalid = find_invalid_operations(live, validation, inputs.approvals, policy.today)
    warnings = [*issues, *inputs.shipped.warnings, *_warnings(live), *invalid.warnings]
    return Report(
        inputs.before,
        inputs.after,
        find_verdicts(changes, known),
        find_new_violations(before, after, inputs.lint),
        [*warnings, *_expired(inputs.approvals, policy.today)],
        guess_renames(changes, before, after),
        len(live.operations),
        len({operation.app for operation in live.operations}),
        policy,
        inputs.shipped,
        invalid.errors,
    )


def _warnings(live: LiveOperations) -> list[str]:
    if live.known:
        return [*live.warnings]
    return [*live.warnings, "No operations of apps are known, so every changed element counts as used."]


def _expired(approvals: Sequence[Approval], today: date) -> list[str]:
    return [
        f"The approval of {approval.coordinate or approval.operation} expired on {approval.expires} and is ignored."
        for approval in approvals
        if approval.expires < today
    ]
