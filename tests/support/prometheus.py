"""Runs Prometheus and promtool with the rules of `deploy/prometheus`."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient

from tests.support.programs import responding
from tests.support.timing import HANG_SECONDS, no_hang

_PROMETHEUS, _PROMTOOL = shutil.which("prometheus"), shutil.which("promtool")
INSTALLED = bool(_PROMETHEUS and _PROMTOOL)

DEPLOY = Path(__file__).parents[2] / "deploy/prometheus"
RULES = sorted((DEPLOY / "rules").glob("*.yaml"))
TESTS = sorted((DEPLOY / "tests").glob("*.yaml"))


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a command, and returns its status and output."""
    return subprocess.run(
        [_PROMTOOL or "promtool", *arguments], capture_output=True, text=True, check=False, timeout=10 * HANG_SECONDS
    )


class Prometheus:
    """A running Prometheus, and what it answers."""

    def __init__(self, http: AsyncClient) -> None:
        self._http = http

    async def read(self, path: str, **parameters: str) -> Any:
        """Returns the data of an endpoint of the API."""
        response = await self._http.get(f"/api/v1/{path}", params=parameters)
        return response.json()["data"]

    async def alerts(self) -> dict[str, str]:
        """Returns the states of alerts by their names: pending or firing."""
        found = (await self.read("alerts"))["alerts"]
        return {alert["labels"]["alertname"]: alert["state"] for alert in found}

    async def until_alert(self, name: str, state: str | None) -> dict[str, str]:
        """Returns all alerts when one has a state; None stands for an alert that is not active."""
        async with no_hang():
            while (alerts := await self.alerts()).get(name) != state:  # noqa: ASYNC110 - the condition is in another process
                await asyncio.sleep(0.1)
        return alerts


@asynccontextmanager
async def prometheus(folder: Path, configuration: Path, port: int) -> AsyncGenerator[Prometheus]:
    """Runs Prometheus with its data in a folder, from its first answer to the end of the block."""
    command = [
        _PROMETHEUS or "prometheus",
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    async with responding(command, port=port, log=folder / "prometheus.log", path="/-/ready") as (_, http):
        yield Prometheus(http)
