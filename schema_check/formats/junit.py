"""Renders JUnit XML. Each change is a test case, which fails when it fails the check."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from schema_check.check import Report
from schema_check.formats.style import Style, paragraph

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, _style: Style) -> str:
    """Returns the report as XML."""
    results = [*report.findings, *report.lint]
    number, failures = len(results), sum(map(report.fails, results))
    counts = {"name": "schema check", "tests": str(number), "failures": str(failures)}
    suites = Element("testsuites", counts)
    suite = SubElement(suites, "testsuite", {**counts, "errors": "0", "skipped": "0"})
    for finding in report.findings:
        change = finding.change
        name = f"{change.coordinate} {change.member}".strip()
        case = SubElement(suite, "testcase", {"classname": change.code, "name": name})
        if report.fails(finding):
            _add_failure(case, finding.verdict, change.message, paragraph(report, finding))
    for violation in report.lint:
        case = SubElement(suite, "testcase", {"classname": violation.rule, "name": violation.coordinate})
        if report.fails(violation):
            _add_failure(case, "lint", violation.message, violation.message)
    indent(suites)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{tostring(suites, encoding='unicode')}\n"


def _add_failure(case: Element, kind: str, message: str, text: str) -> None:
    SubElement(case, "failure", {"type": kind, "message": _NO_XML.sub("�", message)}).text = _NO_XML.sub("�", text)
