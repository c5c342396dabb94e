"""For GitHub Actions: commands that annotate lines of the schema."""

from collections.abc import Iterator

from schema_check.check import Report
from schema_check.formats.style import TITLES, Style, sentence, summary
from schema_check.lines import SourceLines
from schema_check.verdicts import ChangeFinding, Verdict

MOST = 10
"""GitHub shows no more annotations of one kind and step."""


def render(report: Report, style: Style) -> str:
    return "\n".join([*_annotations(report, style), summary(report)]) + "\n"


def _annotations(report: Report, style: Style) -> Iterator[str]:
    lines = SourceLines(report.after)
    told = {"error": 0, "warning": 0, "notice": 0}
    for kind, coordinate, title, said in _all(report):
        told[kind] += 1
        if told[kind] <= MOST or not style.short:
            place = f"file={_property(style.path)},line={lines.of(coordinate)},title={_property(title)}"
            yield f"::{kind} {place}::{_data(said)}"
    hidden = sum(max(0, number - MOST) for number in told.values()) if style.short else 0
    if hidden:
        yield f"{hidden} more annotations are not shown."
    if style.whole:
        yield f"The whole report is in {style.whole}."
    yield from (f"::error title=Schema check::{_data(error)}" for error in report.errors[:MOST])
    yield from (f"::warning title=Schema check::{_data(warning)}" for warning in report.warnings[:MOST])


def _all(report: Report) -> Iterator[tuple[str, str, str, str]]:
    for finding in report.findings:
        kind = _kind(report, finding)
        if kind:
            title = f"{TITLES[finding.verdict]}: {finding.change.coordinate}"
            yield kind, finding.change.coordinate, title, sentence(report, finding)
    for found in report.lint:
        kind = "error" if found.setting == "error" else "warning"
        yield kind, found.coordinate, f"Schema rule: {found.rule}", found.message


def _kind(report: Report, finding: ChangeFinding) -> str | None:
    if report.fails(finding):
        return "error"
    match finding.verdict:
        case Verdict.BREAKS | Verdict.EARLY | Verdict.RISKY:
            return "warning"
        case Verdict.UNUSED | Verdict.APPROVED:
            return "notice"
        case _:
            return None


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
