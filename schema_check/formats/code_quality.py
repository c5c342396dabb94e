"""For GitLab: a Code Quality report, whose findings stand beside the lines of a merge request."""

import hashlib
import json
from typing import Any

from schema_check.check import Report
from schema_check.formats.style import Style, sentence
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
    lines = SourceLines(report.after)

    def entry(check: str, severity: str, coordinate: str, member: str, said: str) -> dict[str, Any]:
        return {
            "description": said,
            "check_name": check,
            "fingerprint": hashlib.sha256(f"{check} {coordinate} {member}".encode()).hexdigest(),
            "severity": severity,
            "location": {"path": style.path, "lines": {"begin": lines.of(coordinate)}},
        }

    made = [
        entry(
            each.change.code,
            SEVERITIES[each.verdict],
            each.change.coordinate,
            each.change.member,
            sentence(report, each),
        )
        for each in report.findings
        if each.verdict in SEVERITIES
    ]
    made += [
        entry(each.rule, "major" if each.setting == "error" else "minor", each.coordinate, "", each.message)
        for each in report.lint
    ]
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"
