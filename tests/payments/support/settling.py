"""Waits until nothing is open, and runs the commands that verify it."""

import asyncio
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Mapping
from typing import NamedTuple

from core.errors import Unavailable
from core.settings import Settings
from services.jobs import measure_backlog
from services.relay import measure_lag
from services.resources import Resources, open_resources
from tests.campaign.support.roles import PROJECT
from tests.payments.support.sandbox import Sandbox
from tests.payments.support.snapshots import Snapshots, Unreadable

_PATIENCE = 240.0
_AGAIN_AFTER = 0.2


class Said(NamedTuple):
    """The command, the status and the output of a command that ended."""

    command: str
    status: int
    text: str

    @property
    def summary(self) -> str:
        """The status and the last line of the output."""
        lines = self.text.strip().splitlines()
        return f"exit {self.status}: {lines[-1] if lines else ''}"


async def settled(settings: Settings, snapshots: Snapshots, sandbox: Sandbox) -> list[str]:
    """Waits until no payment is open, no event is unprojected and no job waits. Returns what is still there.

    A charge that is sent again by the worker may need a confirmation, so charges are confirmed all the time.
    """
    left = "nothing was read"
    async with open_resources(settings) as resources:
        until = asyncio.get_running_loop().time() + _PATIENCE
        while asyncio.get_running_loop().time() < until:
            await sandbox.confirm_all()
            try:
                left = await _left(resources, snapshots)
            except (Unavailable, *Unreadable) as error:
                left = repr(error)
            if not left:
                return []
            await asyncio.sleep(_AGAIN_AFTER)
    return [f"not settled after {_PATIENCE:.0f} s: {left}"]


async def _left(resources: Resources, snapshots: Snapshots) -> str:
    async with snapshots() as snapshot:
        rows = await snapshot.fetch("SELECT owner_id, payment_id, attempts FROM open_payments")
    lag = await measure_lag(resources.database, resources.clock())
    backlog = await measure_backlog(resources.database)
    if not rows and not lag.events and not backlog.jobs:
        return ""
    return f"{len(rows)} open payments ({rows[:3]}), {lag.events} events, {backlog.jobs} jobs"


async def command(environment: Mapping[str, str], *arguments: str) -> Said:
    """Runs `bff` with these arguments."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli.main", *arguments, cwd=PROJECT, env=dict(environment), stdout=PIPE, stderr=STDOUT
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return Said(" ".join(arguments), process.returncode, output.decode())
