"""Renders Markdown for a comment on a change request, or for the summary of a CI run."""

from collections.abc import Iterator
from itertools import groupby

from schema_check.check import Report
from schema_check.formats.style import MAX_CHANGES, TITLES, Style, groups, names, notes, operation_counts, summary
from schema_check.formats.text import TERSE
from schema_check.verdicts import ChangeFinding
from schema_check.wording import hidden_sentence


def render(report: Report, style: Style) -> str:
    """Returns the report as Markdown."""
    return "\n".join(_lines(report, style)) + "\n"


def _lines(report: Report, style: Style) -> Iterator[str]:
    yield "## Schema check"
    yield ""
    names = f"{_escaped(report.before.name)} → {_escaped(report.after.name)}"
    yield f"**{summary(report)}** {names}. {operation_counts(report)}"
    shown = report.findings[:MAX_CHANGES] if style.short else report.findings
    for verdict, findings in groupby(shown, key=lambda finding: finding.verdict):
        yield ""
        yield f"### {TITLES[verdict]}"
        yield ""
        for finding in findings:
            yield from _finding(report, finding, style)
    if report.lint:
        yield from ["", "### Rules", ""]
        violations = report.lint[:MAX_CHANGES] if style.short else report.lint
        yield from (f"- {each.setting}: {_escaped(each.message)} (`{each.rule}`)" for each in violations)
    if report.errors:
        yield from ["", "### Errors", ""]
        errors = report.errors[:MAX_CHANGES] if style.short else report.errors
        yield from (f"- {_escaped(error)}" for error in errors)
    if report.warnings:
        yield from ["", "### Warnings", ""]
        warnings = report.warnings[:MAX_CHANGES] if style.short else report.warnings
        yield from (f"- {_escaped(warning)}" for warning in warnings)
    if len(report.findings) > len(shown):
        yield from ["", hidden_sentence(len(report.findings) - len(shown), "change")]
    if style.full_report:
        yield from ["", f"The full report is in `{style.full_report}`."]


def _finding(report: Report, finding: ChangeFinding, style: Style) -> Iterator[str]:
    change = finding.change
    yield f"- `{change.coordinate}` {_escaped(change.message)}"
    if finding.verdict in TERSE:
        return
    operations = groups(finding)
    if operations:
        yield from ["", "  | App | Operations | Effect | Reason |", "  |---|---|---|---|"]
        for group in operations:
            cells = [group.app, names(group, short=style.short), group.effect, group.reason]
            yield f"  | {' | '.join(_escaped(cell) for cell in cells)} |"
        yield ""
    for label, text in notes(report, finding):
        yield f"  - {label}: {_escaped(text)}"


def _escaped(text: str) -> str:
    """Returns text from schemas, manifests and approvals without Markdown syntax."""
    for sign in "\\`*_[]<>|":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
