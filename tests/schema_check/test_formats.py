"""Tests one report with every verdict in every format."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from jsonschema import Draft4Validator

from tests.schema_check.support.folder import BEFORE, OPERATIONS, Folder, approval

PHONE = '  phone: String @deprecated(reason: "No callers. Remove after 2026-11-30.")\n'
FAX = '  fax: String @deprecated(reason: "Unused.")\n'
EDITS = {
    "  handle: String\n": "  username: String\n",
    "  BAD\n": "  BAD\n  SOSO\n",
    PHONE: "",
    FAX: "",
    "id: ID!": "id: ID",
}
SARIF = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text())


@pytest.fixture
def ready(folder: Folder) -> Folder:
    """Contains each verdict: handle breaks, phone is early, id is approved, Status is risky, fax is unused.

    The field username is safe and has no description.
    """
    folder.write_schemas(EDITS)
    folder.write_operations({**OPERATIONS, "android/4.2.0": {"Me": "query Me { me { id handle } }"}})
    folder.write("schema-approvals.toml", approval(coordinate="User.id", reason="Apps | *cope*.", expires="2026-12-31"))
    return folder


def line_of(text: str, needle: str) -> int:
    (found,) = [number for number, line in enumerate(text.splitlines(), 1) if needle in line]
    return found


PAGE = (Path(__file__).parent.parent.parent / "docs/schema-check.md").read_text()
TEXT = PAGE.split("```text\n")[1].split("```")[0].replace("schema.graphql:", "after.graphql:")
"""The example in the docs, with the file of these tests."""


def test_text_says_who_is_hit_and_what_to_do_as_the_page_shows(ready: Folder) -> None:
    done = ready.check()
    assert (done.status, done.output, done.errors) == (1, TEXT, "")


def test_json_has_every_change_with_its_level(ready: Folder) -> None:
    done = ready.check("--format", "json")
    assert list(done.json) == ["changes", "exit"]
    assert [(each["level"], each["code"], each["coordinate"], each["safeFrom"]) for each in done.json["changes"]] == [
        ("breaking", "FIELD_REMOVED", "User.handle", None),
        ("breaking", "FIELD_REMOVED", "User.phone", "2026-12-01"),
        ("dangerous", "VALUE_ADDED_TO_ENUM", "Status.SOSO", None),
        ("breaking", "FIELD_CHANGED_KIND", "User.id", None),
        ("breaking", "FIELD_REMOVED", "User.fax", "2026-11-25"),
        ("safe", "FIELD_ADDED", "User.username", "2026-11-25"),
    ]
    assert done.json["changes"][0] == {
        "level": "breaking",
        "code": "FIELD_REMOVED",
        "coordinate": "User.handle",
        "message": "Field User.handle was removed.",
        "operations": [
            {"app": "android", "version": "4.2.0", "name": "Me", "effect": "broken"},
            {"app": "ios", "version": "4.1.0", "name": "Me", "effect": "broken"},
        ],
        "safeFrom": None,
    }
    assert done.json["changes"][3]["approval"] == {"reason": "Apps | *cope*.", "expires": "2026-12-31"}


def test_github_annotates_the_lines_of_the_schema_and_writes_the_summary(
    ready: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(ready.path / "summary.md"))
    done = ready.check("--format", "github")
    text = (ready.path / "after.graphql").read_text()
    found = re.findall(r"^::(\w+) file=after\.graphql,line=(\d+),title=(.+?)::(.*)$", done.output, re.MULTILINE)
    assert [(kind, int(line), title) for kind, line, title, _ in found] == [
        ("error", line_of(text, "type User"), "Breaks shipped apps%3A User.handle"),
        ("error", line_of(text, "type User"), "Removed before the announced date%3A User.phone"),
        ("warning", line_of(text, "SOSO"), "Dangerous%2C and shipped apps are affected%3A Status.SOSO"),
        ("notice", line_of(text, "id: ID"), "Approved%3A User.id"),
        ("notice", line_of(text, "type User"), "Breaking%2C but no live operation is affected%3A User.fax"),
        ("warning", line_of(text, "username"), "Schema rule%3A descriptions"),
        ("warning", line_of(text, "SOSO"), "Schema rule%3A descriptions"),
    ]
    assert "ios 4.1.0: Me broken (Cannot query field 'handle' on type 'User'." in found[0][3]
    assert (ready.path / "summary.md").read_text() == ready.check("--format", "markdown").output


def test_lines_are_those_of_names_behind_their_descriptions(folder: Folder) -> None:
    described = BEFORE.replace("  handle: String", '  """\n  Unique.\n  """\n  handle(a: Int): String')
    folder.write_schemas({"handle(a: Int): String": "handle(\n    a: Int\n    b: Int!\n  ): String"}, described)
    folder.write_operations()
    text = (folder.path / "after.graphql").read_text()
    done = folder.check("--format", "github")
    assert f"line={line_of(text, 'b: Int!')},title=Breaks shipped apps%3A User.handle(b%3A)" in done.output


def test_sarif_is_sarif(ready: Folder) -> None:
    done = ready.check("--format", "sarif")
    Draft4Validator.check_schema(SARIF)
    assert [error.message for error in Draft4Validator(SARIF).iter_errors(done.json)] == []
    (run,) = done.json["runs"]
    places = [
        (each["ruleId"], each["level"], each["locations"][0]["physicalLocation"]["region"]["startLine"])
        for each in run["results"]
    ]
    assert places == [
        ("FIELD_REMOVED", "error", 6),
        ("FIELD_REMOVED", "error", 6),
        ("VALUE_ADDED_TO_ENUM", "warning", 15),
        ("FIELD_CHANGED_KIND", "note", 7),
        ("FIELD_REMOVED", "note", 6),
        ("descriptions", "warning", 9),
        ("descriptions", "warning", 15),
    ]
    assert [run["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] for each in run["results"]] == [
        each["ruleId"] for each in run["results"]
    ]
    assert run["results"][3]["suppressions"] == [{"kind": "external", "justification": "Apps | *cope*."}]


def test_a_report_that_is_empty_is_sarif_too(folder: Folder) -> None:
    folder.write_schemas({})
    assert list(Draft4Validator(SARIF).iter_errors(folder.check("--format", "sarif").json)) == []


def test_gitlab_gets_a_code_quality_report(ready: Folder) -> None:
    done = ready.check("--format", "gitlab")
    report = json.loads(done.output)
    assert [(each["check_name"], each["severity"], each["location"]["lines"]["begin"]) for each in report] == [
        ("FIELD_REMOVED", "blocker", 6),
        ("FIELD_REMOVED", "critical", 6),
        ("VALUE_ADDED_TO_ENUM", "major", 15),
        ("FIELD_CHANGED_KIND", "info", 7),
        ("FIELD_REMOVED", "minor", 6),
        ("descriptions", "minor", 9),
        ("descriptions", "minor", 15),
    ]
    assert {each["location"]["path"] for each in report} == {"after.graphql"}
    assert len({each["fingerprint"] for each in report}) == len(report)


def test_junit_fails_what_fails_the_check(ready: Folder) -> None:
    suites = ET.fromstring(ready.check("--format", "junit").output)  # noqa: S314 - it is ours
    assert (suites.get("tests"), suites.get("failures")) == ("8", "2")
    failed = [case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None]
    assert failed == ["User.handle", "User.phone"]


def test_markdown_shows_what_others_wrote_and_does_not_obey_it(ready: Folder) -> None:
    output = ready.check("--format", "markdown").output
    assert "- approved: until 2026-12-31: Apps \\| \\*cope\\*." in output.replace("  - ", "- ")
    assert "  | ios 4.1.0 | Me | broken | Cannot query field 'handle' on type 'User'. |" in output


def test_machines_get_warnings_apart(folder: Folder) -> None:
    folder.write_schemas({})
    done = folder.check("--format", "json")
    assert done.json == {"changes": [], "exit": 0}
    assert done.errors == "bff: No operations of apps are known, so every changed element counts as used.\n"


@pytest.mark.parametrize("name", ["text", "markdown", "github"])
def test_a_long_report_is_cut_and_is_whole_in_a_file(folder: Folder, name: str) -> None:
    fields = "".join(f"  f{number}: Int\n" for number in range(200))
    folder.write_schemas({fields: ""}, f"type Query {{\n  a: Int\n{fields}}}\n")
    done = folder.check("--format", name)
    (whole,) = re.findall(r"The full report is in `?(/\S+?)`?\.?$", done.output, re.MULTILINE)
    text = Path(whole).read_text()
    Path(whole).unlink()
    assert done.output.count("Query.f") < 200
    assert {f"Query.f{number}" for number in range(200)} <= set(re.findall(r"Query\.f\d+", text))
    folder.check("--format", name, "--report", "whole.txt")
    assert (folder.path / "whole.txt").read_text() == text


@pytest.mark.parametrize(("name", "coloured"), [("NO_COLOR", False), ("OTHER", True)])
def test_colours_are_for_terminals_that_want_them(
    ready: Folder, monkeypatch: pytest.MonkeyPatch, name: str, *, coloured: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, "1")
    output = ready.check(terminal=True).output
    assert ("\x1b[" in output) is coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", output) == TEXT
