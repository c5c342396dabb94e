"""For a terminal: the worst first, who is hit, and what to do."""

from collections.abc import Iterator
from itertools import groupby

from schema_check.check import Report
from schema_check.formats.style import (
    SHOWN_CHANGES,
    TITLES,
    Style,
    groups,
    live_words,
    names,
    notes,
    summary,
)
from schema_check.lines import SourceLines
from schema_check.lint import RuleViolation
from schema_check.verdicts import ChangeFinding, Verdict

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
"""One line is enough for these."""


def render(report: Report, style: Style) -> str:
    return "\n".join(_Screen(report, style).lines()) + "\n"


class _Screen:
    def __init__(self, report: Report, style: Style) -> None:
        self.report = report
        self.style = style
        self.places = SourceLines(report.after)

    def lines(self) -> Iterator[str]:
        report = self.report
        yield f"{self.paint(BOLD, report.before.name)} → {self.paint(BOLD, report.after.name)}"
        yield self.paint(DIM, live_words(report))
        shown = report.findings[:SHOWN_CHANGES] if self.style.short else report.findings
        for verdict, findings in groupby(shown, key=lambda each: each.verdict):
            number = sum(each.verdict is verdict for each in report.findings)
            mark = f"{MARKS.get(verdict, '·')} {TITLES[verdict]} ({number})"
            yield ""
            yield self.paint(f"{BOLD};{COLOURS[verdict]}", mark)
            for finding in findings:
                yield from self.finding(finding)
        yield from self.lint(report.lint)
        yield from self.notices()
        hidden = len(report.findings) - len(shown)
        if hidden:
            yield f"\n{hidden} more changes are not shown."
        if self.style.whole:
            yield f"\nThe whole report is in {self.style.whole}."
        yield ""
        yield self.paint(f"{BOLD};{RED if report.exit else GREEN}", summary(report))

    def finding(self, finding: ChangeFinding) -> Iterator[str]:
        change = finding.change
        place = self.paint(DIM, f"{self.style.path}:{self.places.of(change.coordinate)}")
        if finding.verdict in TERSE:
            yield f"  {change.coordinate}  {self.paint(DIM, change.message)}"
            return
        yield ""
        yield f"  {self.paint(BOLD, change.coordinate)}  {change.code}  {place}"
        yield f"    {change.message}"
        for group in groups(finding):
            effect = self.paint(RED if group.effect == "broken" else YELLOW, f"{group.effect:8}")
            yield f"    {group.app:14} {effect}  {names(group, short=self.style.short)}"
            yield f"    {'':14} {'':8}  {self.paint(DIM, group.why)}"
        for word, said in notes(self.report, finding):
            yield f"    {self.paint(CYAN, f'{word:9}')} {said}"

    def lint(self, found: list[RuleViolation]) -> Iterator[str]:
        if found:
            yield ""
            yield self.paint(BOLD, f"· Rules ({len(found)})")
        shown = found[:SHOWN_CHANGES] if self.style.short else found
        for each in shown:
            colour = RED if each.setting == "error" else YELLOW
            yield f"  {self.paint(colour, each.setting)}  {each.message} {self.paint(DIM, f'({each.rule})')}"
        if len(found) > len(shown):
            yield f"  … and {len(found) - len(shown)} more"

    def notices(self) -> Iterator[str]:
        if self.report.warnings or self.report.errors:
            yield ""
        shown = self.report.errors[:SHOWN_CHANGES] if self.style.short else self.report.errors
        for error in shown:
            yield f"{self.paint(RED, 'error')}    {error}"
        if len(self.report.errors) > len(shown):
            yield f"… and {len(self.report.errors) - len(shown)} more errors"
        shown = self.report.warnings[:SHOWN_CHANGES] if self.style.short else self.report.warnings
        for warning in shown:
            yield f"{self.paint(YELLOW, 'warning')}  {warning}"
        if len(self.report.warnings) > len(shown):
            yield f"… and {len(self.report.warnings) - len(shown)} more warnings"

    def paint(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[{PLAIN}m" if self.style.colour else text
