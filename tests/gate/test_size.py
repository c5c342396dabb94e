"""What the benchmark measures, on an eighth of it. CPU is held, which depends least on what else runs."""

from pathlib import Path

from bench.gate import broken, check, check_generated

SHARE = 8


def test_a_large_schema_takes_seconds() -> None:
    taken = check_generated(1024 * 1024 // SHARE, 2000 // SHARE)
    assert broken(taken) == 82
    assert taken.cpu < 15 / SHARE + 2


def test_the_projects_own_takes_less_than_two_seconds(project: Path) -> None:
    taken = check(project, "--base", "schema.graphql")
    assert taken.output == '{\n  "changes": [],\n  "exit": 0\n}\n'
    assert taken.cpu < 2
