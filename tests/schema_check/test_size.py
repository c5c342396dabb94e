"""Tests the time of the check with an eighth of the benchmark. Limits are multiples of the start of a process."""

import resource
import subprocess
import sys
from pathlib import Path

from bench.schema_check import broken, check, check_generated

SHARE = 8


def starting() -> float:
    """Returns the CPU seconds of a process that imports the application, as a calibration of the machine."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "import gateway.app"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_a_large_schema_takes_seconds() -> None:
    taken = check_generated(1024 * 1024 // SHARE, 2000 // SHARE)
    assert broken(taken) == 82
    assert taken.cpu < 5 * starting()


def test_the_projects_own_schema_takes_little_more_than_starting(project: Path) -> None:
    taken = check(project, "--base", "schema.graphql")
    assert taken.output == '{\n  "changes": [],\n  "exit": 0\n}\n'
    assert taken.cpu < 2.5 * starting()
