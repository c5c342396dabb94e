"""For a comment on a change request, or the summary of a run."""

from collections.abc import Iterator
from itertools import groupby

from schema_check.check import Report
from schema_check.formats.style import SHOWN_CHANGES, TITLES, Style, groups, live_words, names, notes, summary
from schema_check.formats.text import TERSE
from schema_check.verdicts import ChangeFinding


def render(report: Report, style: Style) -> str:
    return "\n".join(_lines(report, style)) + "\n"


def _lines(report: Report, style: Style) -> Iterator[str]:
    yield "## Schema check"
    yield ""
    yield f"**{summary(report)}** {_escaped(report.before.name)} → {_escaped(report.after.name)}. {live_words(report)}"
    shown = report.findings[:SHOWN_CHANGES] if style.short else report.findings
    for verdict, findings in groupby(shown, key=lambda each: each.verdict):
        yield ""
        yield f"### {TITLES[verdict]}"
        yield ""
        for finding in findings:
            yield from _finding(report, finding, style)
    if report.lint:
        yield from ["", "### Rules", ""]
        found = report.lint[:SHOWN_CHANGES] if style.short else report.lint
        yield from (f"- {each.setting}: {_escaped(each.message)} (`{each.rule}`)" for each in found)
    if report.errors:
        yield from ["", "### Errors", ""]
        errors = report.errors[:SHOWN_CHANGES] if style.short else report.errors
        yield from (f"- {_escaped(error)}" for error in errors)
    if report.warnings:
        yield from ["", "### Warnings", ""]
        warnings = report.warnings[:SHOWN_CHANGES] if style.short else report.warnings
        yield from (f"- {_escaped(warning)}" for warning in warnings)
    if len(report.findings) > len(shown):
        yield from ["", f"{len(report.findings) - len(shown)} more changes are not shown."]
    if style.whole:
        yield from ["", f"The whole report is in `{style.whole}`."]


def _finding(report: Report, finding: ChangeFinding, style: Style) -> Iterator[str]:
    change = finding.change
    yield f"- `{change.coordinate}` {_escaped(change.message)}"
    if finding.verdict in TERSE:
        return
    who = groups(finding)
    if who:
        yield from ["", "  | App | Operations | | Why |", "  |---|---|---|---|"]
        for group in who:
            cells = [group.app, names(group, short=style.short), group.effect, group.why]
            yield f"  | {' | '.join(_escaped(cell) for cell in cells)} |"
        yield ""
    for word, said in notes(report, finding):
        yield f"  - {word}: {_escaped(said)}"


def _escaped(text: str) -> str:
    """Reasons and names are others' words: they are shown, not obeyed."""
    for sign in "\\`*_[]<>|":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
