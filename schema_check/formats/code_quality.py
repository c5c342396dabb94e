"""Renders GitLab's Code Quality report. GitLab shows its findings at the lines of a merge request."""

import hashlib
import json
from typing import Any

from schema_check.check import Report
from schema_check.formats.style import Style, paragraph
from schema_check.lines import SourceLines
from schema_check.verdicts import Verdict

SEVERITIES = {
    Verdict.BREAKS: "blocker",
    Verdict.EARLY: "critical",
    Verdict.RISKY: "major",
    Verdict.APPROVED: "info",
    Verdict.UNUSED: "minor",
    Verdict.QUIET: "info",
}


def render(report: Report, style: Style) -> str:
    """Returns the report as JSON."""
    lines = SourceLines(report.after)

    def entry(check: str, severity: str, coordinate: str, member: str, description: str) -> dict[str, Any]:
        return {
            "description": description,
            "check_name": check,
            "fingerprint": hashlib.sha256(f"{check} {coordinate} {member}".encode()).hexdigest(),
            "severity": severity,
            "location": {"path": style.path, "lines": {"begin": lines.of(coordinate)}},
        }

    entries = [
        entry(
            finding.change.code,
            SEVERITIES[finding.verdict],
            finding.change.coordinate,
            finding.change.member,
            paragraph(report, finding),
        )
        for finding in report.findings
        if finding.verdict in SEVERITIES
    ]
    entries += [
        entry(
            violation.rule,
            "major" if violation.setting == "error" else "minor",
            violation.coordinate,
            "",
            violation.message,
        )
        for violation in report.lint
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"
