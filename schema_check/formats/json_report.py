"""Renders JSON: every change with its severity, the affected operations, and the day on which it is safe."""

import json
from typing import Any

from schema_check.check import Report
from schema_check.formats.style import Style
from schema_check.verdicts import ChangeFinding


def render(report: Report, _style: Style) -> str:
    """Returns the report as JSON. Only rules that fail the check are included."""
    result: dict[str, Any] = {"changes": [_change(finding) for finding in report.findings], "exit": report.exit}
    violations = [violation for violation in report.lint if violation.setting == "error"]
    if report.errors:
        result["errors"] = list(report.errors)
    if violations:
        result["lint"] = [
            {"rule": violation.rule, "coordinate": violation.coordinate, "message": violation.message}
            for violation in violations
        ]
    return json.dumps(result, indent=2, ensure_ascii=False) + "\n"


def _change(finding: ChangeFinding) -> dict[str, Any]:
    change = finding.change
    result: dict[str, Any] = {
        "level": change.severity,
        "code": change.code,
        "coordinate": change.coordinate,
        "message": change.message,
        "operations": [
            {
                "app": effect.operation.app.app,
                "version": effect.operation.app.version,
                "name": effect.operation.name,
                "effect": effect.effect,
            }
            for effect in finding.effects
        ],
        "safeFrom": finding.safe_from.isoformat() if finding.safe_from else None,
    }
    if finding.approval:
        result["approval"] = {"reason": finding.approval.reason, "expires": finding.approval.expires.isoformat()}
    return result
