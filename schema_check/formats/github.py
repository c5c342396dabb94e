"""Renders workflow commands of GitHub Actions, which annotate lines of the schema."""

from collections.abc import Iterator

from schema_check.check import Report
from schema_check.formats.style import TITLES, Style, paragraph, summary
from schema_check.lines import SourceLines
from schema_check.verdicts import ChangeFinding, Verdict
from schema_check.wording import hidden_sentence

MAX_ANNOTATIONS = 10
"""GitHub's maximum of annotations of one kind per step."""


def render(report: Report, style: Style) -> str:
    """Returns the workflow commands and the summary."""
    return "\n".join([*_annotations(report, style), summary(report)]) + "\n"


def _annotations(report: Report, style: Style) -> Iterator[str]:
    lines = SourceLines(report.after)
    counts = {"error": 0, "warning": 0, "notice": 0}
    for kind, coordinate, title, message in _all(report):
        counts[kind] += 1
        if counts[kind] <= MAX_ANNOTATIONS or not style.short:
            location = f"file={_property(style.path)},line={lines.of(coordinate)},title={_property(title)}"
            yield f"::{kind} {location}::{_data(message)}"
    hidden = sum(max(0, count - MAX_ANNOTATIONS) for count in counts.values()) if style.short else 0
    if hidden:
        yield hidden_sentence(hidden, "annotation")
    if style.full_report:
        yield f"The full report is in {style.full_report}."
    yield from (f"::error title=Schema check::{_data(error)}" for error in report.errors[:MAX_ANNOTATIONS])
    yield from (f"::warning title=Schema check::{_data(warning)}" for warning in report.warnings[:MAX_ANNOTATIONS])


def _all(report: Report) -> Iterator[tuple[str, str, str, str]]:
    for finding in report.findings:
        kind = _kind(report, finding)
        if kind:
            title = f"{TITLES[finding.verdict]}: {finding.change.coordinate}"
            yield kind, finding.change.coordinate, title, paragraph(report, finding)
    for violation in report.lint:
        kind = "error" if violation.setting == "error" else "warning"
        yield kind, violation.coordinate, f"Schema rule: {violation.rule}", violation.message


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
