"""`bff migrate`: applies pending migrations."""

import argparse
import asyncio
import sys

from core.settings import Settings
from services.maintenance.migrations import migrate
from services.resources import open_resources


def run(settings: Settings, _options: argparse.Namespace) -> None:
    names = asyncio.run(_migrate(settings))
    sys.stdout.write(f"applied: {', '.join(names)}\n" if names else "nothing to apply\n")


async def _migrate(settings: Settings) -> list[str]:
    names: list[str] = []
    async with open_resources(settings) as resources:
        await migrate(resources.database, names.append)
    return names
