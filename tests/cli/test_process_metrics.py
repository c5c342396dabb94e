"""One scrape of `bff serve --workers 2` returns the metrics of both processes."""

import os
import re
import signal
import sys
from pathlib import Path

from httpx2 import AsyncClient

from tests.cli.test_commands import bff, serving
from tests.cli.test_processes import children_of, lines_of, logged
from tests.support.metrics import measured
from tests.support.timing import no_hang

QUERY = {"query": "query SignedOut { viewer { user { name } } }"}
REQUESTS = 30


def requests_of(samples: dict[str, float]) -> dict[str, float]:
    """Returns the counted requests of each process."""
    pattern = r'bff_operation_requests_total\{operation="SignedOut",process="(\d)",result="ok"\}'
    return {match[1]: value for name, value in samples.items() if (match := re.fullmatch(pattern, name))}


def starts_of(samples: dict[str, float]) -> dict[str, float]:
    return {name.split('"')[1]: value for name, value in samples.items() if name.startswith("process_start_time")}


async def scraped(http: AsyncClient, missing: int) -> dict[str, float]:
    """Returns the metrics when this number of processes is missing in them, as a new connection gets them."""
    async with no_hang():
        while True:
            samples = measured((await http.get("/metrics", headers={"Connection": "close"})).text)
            if samples["bff_metrics_processes_missing"] == missing:
                return samples


async def test_metrics_of_all_processes(tmp_path: Path) -> None:
    assert bff("migrate", folder=tmp_path).returncode == 0
    environment = {"BFF_METRICS": "true", "BFF_LOG_FORMAT": "json", "BFF_CHILD_SECONDS": "100"}
    async with serving("serve", "--workers", "2", folder=tmp_path, environment=environment) as http:
        await scraped(http, 0)
        for _ in range(REQUESTS):
            assert (await http.post("/graphql", json=QUERY, headers={"Connection": "close"})).status_code == 200
        samples = await scraped(http, 0)
        counted = requests_of(samples)
        assert sum(counted.values()) == REQUESTS
        assert samples["bff_database_up"] == 1
        assert set(starts_of(samples)) == {"0", "1"}
        if sys.platform == "linux":
            await replaced(tmp_path, http, samples)


async def replaced(folder: Path, http: AsyncClient, before: dict[str, float]) -> None:
    """Kills the process of slot 0, and stops the other one for a while."""
    (line,) = (line for line in lines_of(folder, "uvicorn.error") if line.startswith("Started parent process"))
    killed, other = children_of(int(line.split("[")[1].rstrip("]")))
    os.kill(killed, signal.SIGKILL)
    await logged(folder, r"process \d+ replaces it")
    after = await scraped(http, 0)
    assert set(starts_of(after)) == {"0", "1"}
    assert starts_of(after)["0"] > starts_of(before)["0"]
    assert starts_of(after)["1"] == starts_of(before)["1"]
    assert requests_of(after).get("1") == requests_of(before).get("1")
    assert "0" not in requests_of(after)
    os.kill(other, signal.SIGSTOP)
    try:
        assert set(starts_of(await scraped(http, 1))) == {"0"}
    finally:
        os.kill(other, signal.SIGCONT)
    assert set(starts_of(await scraped(http, 0))) == {"0", "1"}
