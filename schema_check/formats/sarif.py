"""Renders SARIF 2.1.0 for code scanning and editors."""

import hashlib
import json
from typing import Any

from schema_check.advice import advice_on
from schema_check.check import Report
from schema_check.formats.style import Style, paragraph
from schema_check.lines import SourceLines
from schema_check.lint import RULES, description_of
from schema_check.verdicts import ChangeFinding, Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(report: Report, style: Style) -> str:
    """Returns the report as SARIF. Safe changes are omitted."""
    shown = [finding for finding in report.findings if finding.verdict is not Verdict.SAFE]
    lint = {violation.rule for violation in report.lint}
    rules = {finding.change.code: _rule(finding) for finding in shown}
    rules |= {name: {"id": name, "shortDescription": {"text": description_of(name)}} for name in RULES if name in lint}
    numbers = {name: number for number, name in enumerate(rules)}
    lines = SourceLines(report.after)

    def result(rule: str, level: str, coordinate: str, message: str) -> dict[str, Any]:
        return {
            "ruleId": rule,
            "ruleIndex": numbers[rule],
            "level": level,
            "message": {"text": message},
            "locations": [_location(style.path, lines.of(coordinate), coordinate)],
            "partialFingerprints": {"coordinate/v1": hashlib.sha256(f"{rule} {coordinate}".encode()).hexdigest()},
        }

    results = [
        result(finding.change.code, _level(report, finding), finding.change.coordinate, paragraph(report, finding))
        | _suppressions(finding)
        for finding in shown
    ]
    results += [
        result(
            violation.rule,
            "error" if violation.setting == "error" else "warning",
            violation.coordinate,
            violation.message,
        )
        for violation in report.lint
    ]
    driver = {"name": "bff schema check", "rules": list(rules.values())}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(finding: ChangeFinding) -> dict[str, Any]:
    change = finding.change
    instead = advice_on(change).instead
    title = change.code.replace("_", " ").capitalize()
    return {"id": change.code, "shortDescription": {"text": title}, **({"help": {"text": instead}} if instead else {})}


def _level(report: Report, finding: ChangeFinding) -> str:
    if report.fails(finding):
        return "error"
    return "warning" if finding.verdict in (Verdict.BREAKS, Verdict.EARLY, Verdict.RISKY) else "note"


def _location(path: str, line: int, coordinate: str) -> dict[str, Any]:
    return {
        "physicalLocation": {"artifactLocation": {"uri": path}, "region": {"startLine": line}},
        "logicalLocations": [{"fullyQualifiedName": coordinate}],
    }


def _suppressions(finding: ChangeFinding) -> dict[str, Any]:
    if not finding.approval:
        return {}
    return {"suppressions": [{"kind": "external", "justification": finding.approval.reason}]}
