"""What the benchmark measures, on an eighth of it. Limits are multiples of what starting a process costs."""

import resource
import subprocess
import sys
from pathlib import Path

from bench.schema_check import broken, check, check_generated

SHARE = 8


def starting() -> float:
    """Returns seconds of CPU of a process that imports the application: a calibration of the machine as it is now."""
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
