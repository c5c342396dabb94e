"""Defines how a report is rendered, and the texts that all formats share."""

from collections.abc import Iterator
from typing import NamedTuple

from schema_check.advice import advice_on
from schema_check.check import Report
from schema_check.manifests import AppVersion
from schema_check.verdicts import ChangeFinding, Effect, Verdict
from schema_check.wording import count_of

TITLES = {
    Verdict.BREAKS: "Breaks shipped apps",
    Verdict.EARLY: "Removed before the announced date",
    Verdict.RISKY: "Dangerous, and shipped apps are affected",
    Verdict.APPROVED: "Approved",
    Verdict.UNUSED: "Breaking, but no live operation is affected",
    Verdict.QUIET: "Dangerous, but no live operation is affected",
    Verdict.SAFE: "Safe",
}
LABELS = {
    Verdict.BREAKS: "breaking for shipped apps",
    Verdict.EARLY: "removed too early",
    Verdict.RISKY: "dangerous for shipped apps",
    Verdict.APPROVED: "approved",
    Verdict.UNUSED: "breaking but unused",
    Verdict.QUIET: "dangerous but unused",
    Verdict.SAFE: "safe",
}
"""The verdicts as the summary counts them."""
MAX_CHANGES = 50
"""The maximum number of changes, rule violations, errors or warnings in a shortened report."""
MAX_OPERATIONS = 10
"""The maximum number of operations per app version and effect in a shortened report."""


class Style(NamedTuple):
    """Says how a report is rendered."""

    path: str = "schema.graphql"
    """The file that line numbers refer to."""
    colour: bool = False
    short: bool = True
    """Shortens the report for a terminal or a comment."""
    full_report: str | None = None
    """The file with the full report, when this one is shortened."""


class EffectGroup(NamedTuple):
    """Holds the operations of one app version on which a change has the same effect."""

    app: str
    effect: str
    names: list[str]
    reason: str


def groups(finding: ChangeFinding) -> list[EffectGroup]:
    """Returns the effects of a change, grouped by app version, effect and reason; broken operations first."""
    by_key: dict[tuple[str, str, str], EffectGroup] = {}
    for effect in sorted(finding.effects, key=_order):
        key = (str(effect.operation.app), effect.effect, effect.reason)
        group = by_key.setdefault(key, EffectGroup(key[0], effect.effect, [], effect.reason))
        group.names.append(effect.operation.label)
    return list(by_key.values())


def _order(effect: Effect) -> tuple[bool, AppVersion, str]:
    return effect.effect != "broken", effect.operation.app, effect.operation.label


def names(group: EffectGroup, *, short: bool) -> str:
    """Returns the names of a group's operations, separated by commas."""
    shown = group.names[:MAX_OPERATIONS] if short else group.names
    more = len(group.names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def notes(report: Report, finding: ChangeFinding) -> Iterator[tuple[str, str]]:
    """Yields further information on a finding, as labels and texts."""
    change, passes = finding.change, finding.verdict in (Verdict.QUIET, Verdict.SAFE, Verdict.UNUSED)
    if finding.verdict in (Verdict.BREAKS, Verdict.RISKY) and not finding.effects:
        yield "used", "It counts as used, because no operations of apps are known."
    if finding.verdict is Verdict.EARLY:
        yield "announced", f"Its deprecation keeps it until {finding.announced}."
    if change.coordinate in report.renames:
        new_name = report.renames[change.coordinate]
        yield "renamed?", f"{new_name} looks like its new name. Keep both until no live operation uses the old one."
    if finding.approval:
        yield "approved", f"until {finding.approval.expires}: {finding.approval.reason}"
    elif not passes:
        if advice_on(change).instead:
            yield "instead", advice_on(change).instead
        yield "safe", _safe_from(finding)


def _safe_from(finding: ChangeFinding) -> str:
    if finding.safe_from:
        return f"from {finding.safe_from}, unless an operation uses it before"
    return "date unknown; --usage shows when each operation was last seen"


def paragraph(report: Report, finding: ChangeFinding) -> str:
    """Returns a finding as one paragraph, for formats with a single text per result."""
    sentences = [finding.change.message]
    sentences += [
        f"{group.app}: {names(group, short=True)} {group.effect} ({group.reason})." for group in groups(finding)
    ]
    sentences += [f"{label.rstrip('?').capitalize()}: {text.rstrip('.')}." for label, text in notes(report, finding)]
    return " ".join(sentences)


def summary(report: Report) -> str:
    """Returns the sentence that counts the results of a check."""
    verdicts = dict.fromkeys(Verdict, 0)
    for finding in report.findings:
        verdicts[finding.verdict] += 1
    invalid = len(report.errors)
    errors = sum(violation.setting == "error" for violation in report.lint)
    warnings = len(report.lint) - errors
    counts = [f"{number} {LABELS[verdict]}" for verdict, number in verdicts.items() if number] or ["no changes"]
    counts += [f"{count_of(invalid, 'operation')} invalid before this change"] if invalid else []
    counts += [count_of(errors, "rule error")] if errors else []
    counts += [count_of(warnings, "rule warning")] if warnings else []
    return f"{'Failed' if report.exit else 'Passed'}: {', '.join(counts)}."


def operation_counts(report: Report) -> str:
    """Returns the sentence that counts the operations read and the live ones among them."""
    verb = "is" if report.operations == 1 else "are"
    live = f"{count_of(report.operations, 'operation')} of {count_of(report.versions, 'app version')} {verb} live."
    if not report.read.files:
        return live
    return f"Read {count_of(report.read.operations, 'operation')} from {count_of(report.read.files, 'file')}; {live}"
