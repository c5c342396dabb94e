"""Runs the smallest version of each case of the benchmark."""

import asyncio
import sys
from pathlib import Path

import pytest

from bench.live.contenders import PEER
from tests.conftest import ENGINES, REDIS
from tests.support.engines import POSTGRES_URL, REDIS_URL
from tests.support.node import node_or_skip
from tests.support.timing import no_hang

PROJECT = Path(__file__).parent.parent.parent
SIZES = {"rounds": 1, "sockets": 30, "followers": 20, "together": 70, "single": 2, "samples": 3}
SMALL = [part for name, size in SIZES.items() for part in (f"--{name}", str(size))]
SECTIONS = {
    "idle": (
        "## Memory of idle sockets",
        ("| ours |", "| ours, without a subscription |", "| graphql-ws on Node |", "| bare ASGI |"),
    ),
    "shared": ("## Events that many sockets share", ("| ours |", "| graphql-ws on Node |", "| bare ASGI |")),
    "own": ("## Events of one socket each", ("20 sockets follow `viewerEvents`",)),
    "latency": ("## From commit to frame", ("| bus on PostgreSQL | 3 |", "| bus on Redis | 3 |")),
}

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="memory and CPU are read from /proc"),
    pytest.mark.skipif("postgres" not in ENGINES or not REDIS, reason="PostgreSQL or Redis is not reached"),
]


@pytest.mark.parametrize("case", SECTIONS)
async def test_a_small_version_of_each_case_writes_its_section(case: str, tmp_path: Path) -> None:
    node_or_skip(PEER)
    command = ["-m", "bench.live", case, *SMALL, "--no-statements", "--postgres", POSTGRES_URL, "--redis", REDIS_URL]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, "--output", str(tmp_path), cwd=PROJECT, stderr=asyncio.subprocess.PIPE
    )
    async with no_hang():
        _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    page = (tmp_path / "live.md").read_text()
    title, lines = SECTIONS[case]
    assert [line for line in page.splitlines() if line.startswith("## ")] == [title, "## Versions"]
    for line in lines:
        assert line in page
