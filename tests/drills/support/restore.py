"""Restores the database to a moment in the load, as docs/high-availability.md describes."""

import asyncio
import shutil
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import asyncpg

from tests.drills.support.backups import Backups
from tests.drills.support.moments import Kept, kept
from tests.drills.support.patroni import UNPRIVILEGED, Node
from tests.drills.support.record import seen
from tests.drills.support.stage import Stage
from tests.payments.support.settling import Said, command
from tests.support.postgres_server import tool
from tests.support.timing import HANG_SECONDS, no_hang

_LOADED_SECONDS = 8.0
_PATIENCE_SECONDS = int(HANG_SECONDS)
_ARCHIVED = "SELECT last_archived_wal FROM pg_stat_archiver"
_COMMANDS = (("migrate",), ("log", "rebase"), ("audit", "verify"), ("payments", "verify"))


class Restored(NamedTuple):
    """Holds times in seconds: of the backup, from the end of all servers to a primary, and to the first new write."""

    backup: float
    primary: float
    first_write: float
    kept: Kept
    said: Sequence[Said]
    reconciled: Said

    @property
    def faults(self) -> list[str]:
        failed = [f"bff {said.command}: {said.text}" for said in self.said if said.status]
        return [*self.kept.faults, *failed]


async def restored(stage: Stage, serving: AsyncExitStack) -> Restored:
    """Takes a backup under load, and restores it to a later moment. `serving` runs the servers and workers until now.

    The clients continue for some seconds after that moment, so that there is something to lose.
    """
    assert stage.backups is not None
    backups, database = stage.backups, stage.database
    primary = await database.primary()
    async with stage.load.running():
        began = time.time()
        await backups.run(primary, "--type=full", "backup")
        backup = time.time() - began
        await asyncio.sleep(_LOADED_SECONDS)
        target = time.time()
        await asyncio.sleep(_LOADED_SECONDS)
    await _archive(stage, primary)
    stopped = time.time()
    await serving.aclose()
    node = await _restore(stage, backups, target)
    has_primary = time.time()
    said = [await command(stage.environment, *arguments) for arguments in _COMMANDS]
    found = await kept(stage.url, stage.load, target)
    async with AsyncExitStack() as again:
        await again.enter_async_context(stage.serving())
        await again.enter_async_context(stage.load.reading_and_writing())
        await stage.record.until_steady(time.time(), 3.0)
    for other in database.nodes:
        if other is not node:
            await other.start()
    await database.until_complete()
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    reconciled = await command(stage.environment, "payments", "reconcile", "--until", until)
    first = seen(stage.record.since(has_primary), stopped).first_write
    return Restored(backup, has_primary - stopped, first, found, said, reconciled)


async def _archive(stage: Stage, primary: Node) -> None:
    """Ends the segment of the log, and waits until it is in the archive."""
    connection = await asyncpg.connect(stage.database.admin_url(primary))
    try:
        segment = await connection.fetchval("SELECT pg_walfile_name(pg_current_wal_lsn())")
        await connection.execute("SELECT pg_switch_wal()")
        async with no_hang():
            # Another process archives it.
            while (await connection.fetchval(_ARCHIVED) or "") < segment:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def _restore(stage: Stage, backups: Backups, target: float) -> Node:
    """Returns the node with the restored database, which is the primary of a new cluster without standbys."""
    node, *others = stage.database.nodes
    for each in stage.database.nodes:
        await each.stop()
        shutil.move(each.data, each.folder / "data-before-restore")
    moment = datetime.fromtimestamp(target, UTC).isoformat(sep=" ")
    await backups.run(node, "--type=time", f"--target={moment}", "--target-action=promote", "restore")
    await _recover(stage, node)
    await stage.database.control("remove", "bff")
    await node.start()
    async with no_hang():
        while not await node.is_at("/primary"):  # noqa: ASYNC110 - another process changes it
            await asyncio.sleep(0.1)
    assert len(others) == len(stage.database.nodes) - 1
    return node


async def _recover(stage: Stage, node: Node) -> None:
    """Runs PostgreSQL without Patroni until it has recovered to the target and is promoted."""
    # The backup may be of another node, whose configuration names its own data directory.
    files = f"-c hba_file={node.data}/pg_hba.conf -c ident_file={node.data}/pg_ident.conf"
    options = f"-p {node.port} -c listen_addresses=127.0.0.1 -c synchronous_standby_names= {files}"
    await _pg_ctl(node, "start", "-w", "-t", str(_PATIENCE_SECONDS), "-o", options)
    async with no_hang():
        connection = await asyncpg.connect(stage.database.admin_url(node))
        while await connection.fetchval("SELECT pg_is_in_recovery()"):  # noqa: ASYNC110 - another process changes it
            await asyncio.sleep(0.1)
        await connection.close()
    await _pg_ctl(node, "stop", "-w", "-m", "fast")


async def _pg_ctl(node: Node, *arguments: str) -> None:
    with (node.folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(tool("pg_ctl"), "-D", node.data, *arguments),
            env=node.environment,
            user=UNPRIVILEGED,
            cwd=node.folder,
            stdout=log,
            stderr=log,
        )
        assert await process.wait() == 0, f"pg_ctl {arguments[0]} failed; its log is in {node.folder}"
