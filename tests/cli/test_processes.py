"""`bff serve --workers` with processes that start slowly, exit, or stop answering."""

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import bff, serving

IN_CHILDREN = """
import os, sys, time
if any("spawn_main" in argument for argument in sys.orig_argv):
    {statement}
"""
"""A module `sitecustomize`, which Python imports first."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Returns the working directory of `bff`, with a migrated database."""
    assert bff("migrate", folder=tmp_path).returncode == 0
    return tmp_path


def in_children(folder: Path, statement: str) -> dict[str, str]:
    """Returns an environment in which each child process executes this statement first."""
    (folder / "sitecustomize.py").write_text(IN_CHILDREN.format(statement=statement))
    return {"PYTHONPATH": str(folder)}


def children_of(parent: int) -> list[int]:
    """Returns the ids of the child processes, without the resource tracker of multiprocessing."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in children if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()]


def lines_of(folder: Path, logger: str) -> list[str]:
    lines = [json.loads(line) for line in (folder / "log").read_text().splitlines()]
    return [line["message"] for line in lines if line["logger"] == logger]


async def logged(folder: Path, pattern: str) -> None:
    """Waits for a line of the parent's log."""
    for _ in range(600):
        if any(re.fullmatch(pattern, line) for line in lines_of(folder, "cli.processes")):
            return
        await asyncio.sleep(0.1)
    raise AssertionError((folder / "log").read_text())


async def test_a_process_that_starts_slowly_is_waited_for(folder: Path) -> None:
    environment = in_children(folder, "time.sleep(7)") | {"BFF_LOG_FORMAT": "json"}
    async with serving("serve", "--workers", "2", folder=folder, environment=environment):
        assert lines_of(folder, "cli.processes") == []
    assert lines_of(folder, "cli.processes") == []
    (listening,) = lines_of(folder, "cli.serve")
    assert re.fullmatch(r"listening on http://127\.0\.0\.1:\d+", listening)


@pytest.mark.skipif(sys.platform != "linux", reason="it finds the processes in /proc")
async def test_a_process_that_exits_or_hangs_is_replaced_and_the_log_has_the_reason(folder: Path) -> None:
    environment = {"BFF_CHILD_SECONDS": "10", "BFF_LOG_FORMAT": "json"}
    async with serving("serve", "--workers", "2", folder=folder, environment=environment) as http:
        (parent,) = (
            int(match[1])
            for line in lines_of(folder, "uvicorn.error")
            if (match := re.fullmatch(r"Started parent process \[(\d+)\]", line))
        )
        killed, hung = children_of(parent)
        os.kill(killed, signal.SIGKILL)
        await logged(folder, rf"process {killed} was killed by SIGKILL; the system may have run out of memory")
        os.kill(hung, signal.SIGSTOP)
        await logged(folder, rf"process {hung} has not answered for \d+ s \(BFF_CHILD_SECONDS\) and is killed")
        for _ in range(100):
            if len(children_of(parent)) == 2:
                break
            await asyncio.sleep(0.1)
        assert not {killed, hung} & set(children_of(parent))
        assert (await http.get("/livez")).status_code == 200


def test_when_no_process_can_start_the_command_fails(folder: Path) -> None:
    environment = in_children(folder, "os.environ['BFF_DATABASE_URL'] = 'postgres://nobody@127.0.0.1:1/nowhere'")
    failed = bff("serve", "--workers", "2", folder=folder, PORT="0", **environment)
    assert failed.returncode == 1
    assert "could not start; see its errors in the log" in failed.stderr
    assert "BFF_DATABASE_URL: cannot connect (" in failed.stderr
    assert failed.stderr.splitlines()[-1] == "bff: a process could not start; see its errors in the log"
