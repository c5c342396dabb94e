"""For programs: every change with its level, whom it concerns, and when it would be safe."""

import json
from typing import Any

from schema_check.check import Report
from schema_check.formats.style import Style
from schema_check.verdicts import ChangeFinding


def render(report: Report, _style: Style) -> str:
    made: dict[str, Any] = {"changes": [_change(finding) for finding in report.findings], "exit": report.exit}
    errors = [found for found in report.lint if found.setting == "error"]
    if report.errors:
        made["errors"] = list(report.errors)
    if errors:
        made["lint"] = [
            {"rule": found.rule, "coordinate": found.coordinate, "message": found.message} for found in errors
        ]
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _change(finding: ChangeFinding) -> dict[str, Any]:
    change = finding.change
    made: dict[str, Any] = {
        "level": change.severity,
        "code": change.code,
        "coordinate": change.coordinate,
        "message": change.message,
        "operations": [
            {
                "app": each.operation.app.app,
                "version": each.operation.app.version,
                "name": each.operation.name,
                "effect": each.effect,
            }
            for each in finding.effects
        ],
        "safeFrom": finding.safe_from.isoformat() if finding.safe_from else None,
    }
    if finding.approval:
        made["approval"] = {"reason": finding.approval.reason, "expires": finding.approval.expires.isoformat()}
    return made
