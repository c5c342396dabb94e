"""JUnit's XML: each change is a test case, and what fails the check fails it."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from schema_check.check import Report
from schema_check.formats.style import Style, sentence

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, _style: Style) -> str:
    everything = [*report.findings, *report.lint]
    number, failures = len(everything), sum(map(report.fails, everything))
    counts = {"name": "schema check", "tests": str(number), "failures": str(failures)}
    suites = Element("testsuites", counts)
    suite = SubElement(suites, "testsuite", {**counts, "errors": "0", "skipped": "0"})
    for finding in report.findings:
        change = finding.change
        name = f"{change.coordinate} {change.member}".strip()
        case = SubElement(suite, "testcase", {"classname": change.code, "name": name})
        if report.fails(finding):
            _fail(case, finding.verdict, change.message, sentence(report, finding))
    for found in report.lint:
        case = SubElement(suite, "testcase", {"classname": found.rule, "name": found.coordinate})
        if report.fails(found):
            _fail(case, "lint", found.message, found.message)
    indent(suites)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{tostring(suites, encoding='unicode')}\n"


def _fail(case: Element, kind: str, message: str, said: str) -> None:
    SubElement(case, "failure", {"type": kind, "message": _NO_XML.sub("�", message)}).text = _NO_XML.sub("�", said)
