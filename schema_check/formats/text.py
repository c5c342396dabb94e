"""Renders text for a terminal: the worst changes first, with affected operations and advice."""

from collections.abc import Iterator
from itertools import groupby

from schema_check.check import Report
from schema_check.formats.style import (
    MAX_CHANGES,
    TITLES,
    Style,
    groups,
    names,
    notes,
    operation_counts,
    summary,
)
from schema_check.lines import SourceLines
from schema_check.lint import RuleViolation
from schema_check.verdicts import ChangeFinding, Verdict
from schema_check.wording import count_of, hidden_sentence

RED, YELLOW, GREEN, CYAN, DIM, BOLD, PLAIN = "31", "33", "32", "36", "2", "1", "0"
COLOURS = {
    Verdict.BREAKS: RED,
    Verdict.EARLY: RED,
    Verdict.RISKY: YELLOW,
    Verdict.APPROVED: CYAN,
    Verdict.UNUSED: CYAN,
    Verdict.QUIET: DIM,
    Verdict.SAFE: GREEN,
}
MARKS = {Verdict.BREAKS: "✗", Verdict.EARLY: "✗", Verdict.RISKY: "!"}
TERSE = (Verdict.UNUSED, Verdict.QUIET, Verdict.SAFE)
"""Verdicts whose changes take one line."""


def render(report: Report, style: Style) -> str:
    """Returns the report as text."""
    return "\n".join(_Screen(report, style).lines()) + "\n"


class _Screen:
    def __init__(self, report: Report, style: Style) -> None:
        self.report = report
        self.style = style
        self.source_lines = SourceLines(report.after)

    def lines(self) -> Iterator[str]:
        report = self.report
        yield f"{self.paint(BOLD, report.before.name)} → {self.paint(BOLD, report.after.name)}"
        yield self.paint(DIM, operation_counts(report))
        shown = report.findings[:MAX_CHANGES] if self.style.short else report.findings
        for verdict, findings in groupby(shown, key=lambda finding: finding.verdict):
            number = sum(finding.verdict is verdict for finding in report.findings)
            mark = f"{MARKS.get(verdict, '·')} {TITLES[verdict]} ({number})"
            yield ""
            yield self.paint(f"{BOLD};{COLOURS[verdict]}", mark)
            for finding in findings:
                yield from self.finding(finding)
        yield from self.lint(report.lint)
        yield from self.notices()
        hidden = len(report.findings) - len(shown)
        if hidden:
            yield f"\n{hidden_sentence(hidden, 'change')}"
        if self.style.full_report:
            yield f"\nThe full report is in {self.style.full_report}."
        yield ""
        yield self.paint(f"{BOLD};{RED if report.exit else GREEN}", summary(report))

    def finding(self, finding: ChangeFinding) -> Iterator[str]:
        change = finding.change
        location = self.paint(DIM, f"{self.style.path}:{self.source_lines.of(change.coordinate)}")
        if finding.verdict in TERSE:
            yield f"  {change.coordinate}  {self.paint(DIM, change.message)}"
            return
        yield ""
        yield f"  {self.paint(BOLD, change.coordinate)}  {change.code}  {location}"
        yield f"    {change.message}"
        for group in groups(finding):
            effect = self.paint(RED if group.effect == "broken" else YELLOW, f"{group.effect:8}")
            yield f"    {group.app:14} {effect}  {names(group, short=self.style.short)}"
            yield f"    {'':14} {'':8}  {self.paint(DIM, group.reason)}"
        for label, text in notes(self.report, finding):
            yield f"    {self.paint(CYAN, f'{label:9}')} {text}"

    def lint(self, violations: list[RuleViolation]) -> Iterator[str]:
        if violations:
            yield ""
            yield self.paint(BOLD, f"· Rules ({len(violations)})")
        shown = violations[:MAX_CHANGES] if self.style.short else violations
        for violation in shown:
            colour = RED if violation.setting == "error" else YELLOW
            rule = self.paint(DIM, f"({violation.rule})")
            yield f"  {self.paint(colour, violation.setting)}  {violation.message} {rule}"
        if len(violations) > len(shown):
            yield f"  … and {len(violations) - len(shown)} more"

    def notices(self) -> Iterator[str]:
        if self.report.warnings or self.report.errors:
            yield ""
        shown = self.report.errors[:MAX_CHANGES] if self.style.short else self.report.errors
        for error in shown:
            yield f"{self.paint(RED, 'error')}    {error}"
        if len(self.report.errors) > len(shown):
            yield f"… and {count_of(len(self.report.errors) - len(shown), 'more error')}"
        shown = self.report.warnings[:MAX_CHANGES] if self.style.short else self.report.warnings
        for warning in shown:
            yield f"{self.paint(YELLOW, 'warning')}  {warning}"
        if len(self.report.warnings) > len(shown):
            yield f"… and {count_of(len(self.report.warnings) - len(shown), 'more warning')}"

    def paint(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[{PLAIN}m" if self.style.colour else text
