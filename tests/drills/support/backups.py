"""Runs pgBackRest with the configuration of deploy/."""

import asyncio
import os
import shutil
from pathlib import Path

from tests.drills.support.patroni import PROJECT, UNPRIVILEGED, Node

INSTALLED = shutil.which("pgbackrest") is not None


class Backups:
    """A repository that outlives the nodes. `environment` replaces the paths of the configuration."""

    def __init__(self, folder: Path) -> None:
        paths = {name: folder / "backups" / name for name in ("repository", "lock", "spool")}
        for path in (folder / "backups", *paths.values()):
            path.mkdir()
            if UNPRIVILEGED:
                shutil.chown(path, UNPRIVILEGED)
        self.environment = {
            "PGBACKREST_CONFIG": str(PROJECT / "deploy/pgbackrest/pgbackrest.conf"),
            "PGBACKREST_REPO1_PATH": str(paths["repository"]),
            "PGBACKREST_LOCK_PATH": str(paths["lock"]),
            "PGBACKREST_SPOOL_PATH": str(paths["spool"]),
        }

    async def run(self, node: Node, *arguments: str) -> str:
        """Runs `pgbackrest` on a node. Returns its output."""
        process = await asyncio.create_subprocess_exec(
            *("pgbackrest", "--stanza=bff", *arguments),
            env={**node.environment, **self.environment, "PATH": os.environ["PATH"]},
            user=UNPRIVILEGED,
            cwd="/",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said = (await process.communicate())[0].decode()
        assert process.returncode == 0, said
        return said
