"""Starts the product's processes, and restarts killed ones."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent.parent
_PATIENCE = 60.0
_PAUSE = 0.05


class Role:
    """Runs a command in the project's folder, and restarts it when it ends. Its output goes into `log`."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._command = [sys.executable, *command]
        self._environment = {"PATH": os.environ["PATH"], "BFF_LOG_LEVEL": "ERROR", **environment}
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._killed_process: asyncio.subprocess.Process | None = None
        self.killed = 0

    async def keep_running(self) -> None:
        """Restarts the role like an orchestrator, until cancelled."""
        try:
            while True:
                with self._log.open("ab") as log:
                    self._process = await asyncio.create_subprocess_exec(
                        *self._command, cwd=PROJECT, env=self._environment, stdout=log, stderr=log
                    )
                await self._process.wait()
                await asyncio.sleep(_PAUSE)
        finally:
            await self._end()

    def kill(self) -> bool:
        """Kills the process with SIGKILL. Returns False when none runs."""
        if self._process is None or self._process.returncode is not None:
            return False
        self._process.kill()
        self._killed_process = self._process
        self.killed += 1
        return True

    def stop(self) -> bool:
        """Stops the process with SIGTERM, as an update does. Returns False when none runs."""
        if self._process is None or self._process.returncode is not None:
            return False
        self._process.terminate()
        self.killed += 1
        return True

    async def _end(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            status = await asyncio.wait_for(self._process.wait(), _PATIENCE)
            expected = [0, -signal.SIGTERM]
            if self._process is self._killed_process:
                expected.append(-signal.SIGKILL)
            assert status in expected, f"{self._command[1:]} ended with {status}"


@asynccontextmanager
async def running(roles: Sequence[Role]) -> AsyncGenerator[None]:
    keeping = [asyncio.create_task(role.keep_running()) for role in roles]
    try:
        yield
    finally:
        for task in keeping:
            task.cancel()
        await asyncio.wait(keeping)
        for task in keeping:
            if not task.cancelled():
                task.result()
