"""promtool accepts the rules, and their unit tests pass."""

from pathlib import Path

import pytest

from tests.support.prometheus import INSTALLED, RULES, TESTS, promtool

pytestmark = pytest.mark.skipif(not INSTALLED, reason="promtool is not installed")


def test_the_rules_are_valid() -> None:
    checked = promtool("check", "rules", *RULES)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count("SUCCESS") == len(RULES) > 0


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_the_alerts_fire_when_they_should_and_only_then(file: Path) -> None:
    tested = promtool("test", "rules", file)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_the_address_of_runbooks_follows_an_external_label(tmp_path: Path) -> None:
    text = (TESTS[0].parent / "bff-database.yaml").read_text().replace("../rules", str(RULES[0].parent))
    given = text.replace(
        "    interval: 1m\n", "    interval: 1m\n    external_labels: {bff_runbooks: https://wiki/x}\n"
    )
    moved = tmp_path / "test.yaml"
    moved.write_text(given)
    assert promtool("test", "rules", moved).returncode == 1, "the addresses differ"
    moved.write_text(given.replace("runbook_url: docs/runbooks/", "runbook_url: https://wiki/x/"))
    tested = promtool("test", "rules", moved)
    assert tested.returncode == 0, tested.stdout + tested.stderr
