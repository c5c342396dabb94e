"""The output of `bff` itself, before any command."""

import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from adapters.queue.engines import DOCKET
from cli import main, schema
from cli.output import is_output_closed
from tests.cli.test_commands import BFF, PRODUCTION, bff
from tests.support.timing import HANG_SECONDS


def test_the_version_is_that_of_the_project(tmp_path: Path, project: Path) -> None:
    described = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    done = bff("--version", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"bff {described['version']}\n")
    assert described["optional-dependencies"]["queue"] == [DOCKET], "the extra that the error of a missing queue names"


def test_without_a_command_it_lists_the_commands(tmp_path: Path) -> None:
    done = bff(folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    for command in ("dev", "serve", "worker", "migrate", "seed", "doctor"):
        assert f"\n    {command} " in done.stderr


def test_the_description_of_schema_names_all_its_actions() -> None:
    words = re.findall(r"\w+", main.COMMANDS["schema"].lower())
    assert set(schema.COMMANDS) - set(words) == set()


def test_a_misspelt_variable_stops_the_start_in_production(tmp_path: Path) -> None:
    done = bff("migrate", folder=tmp_path, **PRODUCTION, BFF_DATABASE_POOLS="5")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "bff: BFF_DATABASE_POOLS: there is no such setting; did you mean BFF_DATABASE_POOL?\n"
    service = bff("migrate", folder=tmp_path, **PRODUCTION, BFF_SERVICE_HOST="10.0.0.1", BFF_PORT="tcp://10.0.0.1:80")
    assert (service.returncode, service.stderr.count("\n")) == (0, 2)


def test_an_invalid_url_of_the_rate_limiter_is_one_line(tmp_path: Path) -> None:
    done = bff("migrate", folder=tmp_path, BFF_RATES="on", BFF_LIMITS_URL="http://127.0.0.1")
    expected = "bff: BFF_LIMITS_URL: no driver for http://; use redis://, redis+cluster:// or an empty value\n"
    assert (done.returncode, done.stderr) == (1, expected)


def test_a_seed_prints_how_to_sign_in(tmp_path: Path) -> None:
    assert bff("migrate", folder=tmp_path).returncode == 0
    seeded = bff("seed", folder=tmp_path).stdout
    assert "ana@example.com with the password open-sesame-ana" in seeded
    assert "bff token ana" in seeded


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["keys", "generate"],
        ["explain", "Home"],
        ["cache", "why", "Home"],
        ["schema", "export"],
        ["schema", "explain", "User.handle"],
    ],
)
def test_output_that_is_not_read_to_its_end_is_no_error(arguments: list[str], project: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        done = subprocess.run(
            [BFF, *arguments], cwd=project, stdout=closed, stderr=subprocess.PIPE, timeout=HANG_SECONDS, check=False
        )
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b"")


def test_a_lost_connection_is_not_taken_for_closed_output() -> None:
    assert not is_output_closed(BrokenPipeError())


def test_a_command_is_imported_when_it_is_called() -> None:
    """Importing all commands takes seconds of processor time at each start."""
    code = "import sys, cli.main; print(sorted({'graphql', 'starlette', 'tortoise', 'redis'} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"
    code = "import sys, cli.migrate; print(sorted({'graphql', 'redis'} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"
