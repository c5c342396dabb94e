"""The whole check: two schemas and what is known of apps come in, a report goes out."""

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
    """What a check is made of."""

    before: LoadedSchema
    after: LoadedSchema
    shipped: ShippedOperations
    usage: UsageExport | None
    approvals: Sequence[Approval]
    policy: CheckPolicy
    lint: Mapping[str, RuleSetting] = {}


class Report(NamedTuple):
    """What was found."""

    before: LoadedSchema
    after: LoadedSchema
    findings: list[ChangeFinding]
    """The worst first."""
    lint: list[RuleViolation]
    warnings: list[str]
    renames: Mapping[str, str]
    operations: int
    """How many operations of how many versions count as live."""
    versions: int
    policy: CheckPolicy
    read: ShippedOperations
    """The source of the operations."""
    errors: Sequence[str] = ()
    """What could not be checked, so that nothing else is certain."""

    def fails(self, found: ChangeFinding | RuleViolation) -> bool:
        """Whether it is a failure by the policy."""
        if isinstance(found, RuleViolation):
            return found.setting is RuleSetting.ERROR and self.policy.fail_on in FAILS
        return found.verdict in FAILS.get(self.policy.fail_on, ())

    @property
    def exit(self) -> int:
        if self.errors:
            return 2
        return 1 if any(map(self.fails, [*self.findings, *self.lint])) else 0


def check(inputs: CheckInputs) -> Report:
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
    return [*live.warnings, "Nothing is known of what apps send, so whatever changes counts as used."]


def _expired(approvals: Sequence[Approval], today: date) -> list[str]:
    return [
        f"The approval of {approval.coordinate or approval.operation} expired on {approval.expires} and does not count."
        for approval in approvals
        if approval.expires < today
    ]
