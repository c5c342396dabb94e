"""Alerts have a runbook, a severity, and tests in which they fire and in which they do not."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from tests.support.prometheus import RULES, TESTS

SEVERITIES = {"page", "ticket", "none"}
RUNBOOK = "{{{{ with $externalLabels.bff_runbooks }}}}{{{{ . }}}}{{{{ else }}}}docs/runbooks{{{{ end }}}}/{}.md"
HEADINGS = ["Meaning", "Look at", "Do", "Over"]


def rules() -> list[dict[str, Any]]:
    return [rule for file in RULES for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]


def alerts() -> dict[str, dict[str, Any]]:
    """Returns the rules of alerts by name."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def expectations() -> list[tuple[str, bool]]:
    """Returns the alert of each expectation of a unit test, and whether it is that the alert fires."""
    tests = [test for file in TESTS for test in yaml.safe_load(file.read_text())["tests"]]
    return [
        (expected["alertname"], bool(expected["exp_alerts"]))
        for test in tests
        for expected in test.get("alert_rule_test", ())
    ]


def test_no_two_rules_share_a_name() -> None:
    names = Counter(rule.get("alert") or rule["record"] for rule in rules() if "labels" not in rule or "alert" in rule)
    assert [name for name, times in names.items() if times > 1] == []


def test_each_alert_has_a_runbook_and_each_runbook_an_alert(project: Path) -> None:
    pages = {page.stem for page in (project / "docs/runbooks").glob("*.md")} - {"README"}
    assert pages == set(alerts())


def test_each_runbook_says_what_it_means_what_to_look_at_what_to_do_and_when_it_is_over(project: Path) -> None:
    for name in alerts():
        text = (project / f"docs/runbooks/{name}.md").read_text()
        assert re.findall(r"^# (.*)$", text, re.MULTILINE) == [name]
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS, name
        assert f"Severity **{alerts()[name]['labels']['severity']}**" in text, name


def test_links_of_runbooks_lead_to_files(project: Path) -> None:
    folder = project / "docs/runbooks"
    links = [
        (page, link)
        for page in folder.glob("*.md")
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    ]
    assert [(page.name, link) for page, link in links if not (folder / link).exists()] == []


def test_each_alert_has_a_severity_a_summary_and_the_address_of_its_runbook() -> None:
    for name, rule in alerts().items():
        assert rule["labels"]["severity"] in SEVERITIES, name
        assert rule["annotations"]["summary"], name
        assert rule["annotations"]["runbook_url"] == RUNBOOK.format(name)


def test_each_alert_is_tested_firing_and_silent() -> None:
    tested = set(expectations())
    assert {(name, fires) for name in alerts() for fires in (True, False)} - tested == set()
    assert {name for name, _ in tested} - set(alerts()) == set()


def test_rules_are_read_by_alerts_dashboards_or_other_rules(project: Path) -> None:
    texts = [str(rule["expr"]) for rule in rules()]
    texts += [file.read_text() for file in (project / "deploy/grafana").glob("*.json")]
    records = {rule["record"] for rule in rules() if "record" in rule}
    assert {record for record in records if not any(record in text for text in texts)} == set()
