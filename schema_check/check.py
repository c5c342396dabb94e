"""The whole check: two schemas and what is known of apps come in, a report goes out."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from schema_check.approvals import Approval
from schema_check.apps import Reading
from schema_check.changes import find_changes
from schema_check.invalid import find_invalid
from schema_check.lint import Found, Setting, find_new
from schema_check.operations.validity import validity_of
from schema_check.renames import guess_renames
from schema_check.schemas import LoadedSchema, find_faults
from schema_check.senders import Senders, Terms, find_senders
from schema_check.usage import Usage
from schema_check.verdicts import FAILS, Finding, Known, find_verdicts


class Inputs(NamedTuple):
    """What a check is made of."""

    before: LoadedSchema
    after: LoadedSchema
    shipped: Reading
    usage: Usage | None
    approvals: Sequence[Approval]
    terms: Terms
    lint: Mapping[str, Setting] = {}


class Report(NamedTuple):
    """What was found."""

    before: LoadedSchema
    after: LoadedSchema
    findings: list[Finding]
    """The worst first."""
    lint: list[Found]
    warnings: list[str]
    renames: Mapping[str, str]
    operations: int
    """How many operations of how many versions count as live."""
    versions: int
    terms: Terms
    read: Reading
    """The source of the operations."""
    errors: Sequence[str] = ()
    """What could not be checked, so that nothing else is certain."""

    def fails(self, found: Finding | Found) -> bool:
        """Whether it is a failure by the terms."""
        if isinstance(found, Found):
            return found.setting is Setting.ERROR and self.terms.fail_on in FAILS
        return found.verdict in FAILS.get(self.terms.fail_on, ())

    @property
    def exit(self) -> int:
        if self.errors:
            return 2
        return 1 if any(map(self.fails, [*self.findings, *self.lint])) else 0


def check(inputs: Inputs) -> Report:
    faults = find_faults(inputs.before, inputs.after)
    before, after, terms = inputs.before.schema, inputs.after.schema, inputs.terms
    changes = find_changes(before, after)
    senders = find_senders(inputs.shipped.versions, inputs.usage, before, terms)
    validity = validity_of(senders.documents, senders.uses, before, after)
    known = Known(before, senders, validity, inputs.approvals, terms)
    invalid = find_invalid(senders, validity, inputs.approvals, terms.today)
    warnings = [*faults, *inputs.shipped.warnings, *_warnings(senders), *invalid.warnings]
    return Report(
        inputs.before,
        inputs.after,
        find_verdicts(changes, known),
        find_new(before, after, inputs.lint),
        [*warnings, *_expired(inputs.approvals, terms.today)],
        guess_renames(changes, before, after),
        len(senders.live),
        len({sender.app for sender in senders.live}),
        terms,
        inputs.shipped,
        invalid.errors,
    )


def _warnings(senders: Senders) -> list[str]:
    if senders.known:
        return [*senders.warnings]
    return [*senders.warnings, "Nothing is known of what apps send, so whatever changes counts as used."]


def _expired(approvals: Sequence[Approval], today: date) -> list[str]:
    return [
        f"The approval of {approval.coordinate or approval.operation} expired on {approval.expires} and does not count."
        for approval in approvals
        if approval.expires < today
    ]
