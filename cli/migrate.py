"""`bff migrate`: applies pending migrations."""

import argparse
import asyncio
import sys

from core.settings import Settings
from services.maintenance.migrations import migrate, pending_contracts
from services.resources import open_resources


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--contract",
        action="store_true",
        help="also remove what only earlier releases need; no process of them may run any more",
    )


def run(settings: Settings, options: argparse.Namespace) -> None:
    names, later = asyncio.run(_migrate(settings, contract=options.contract))
    sys.stdout.write(f"applied: {', '.join(names)}\n" if names else "nothing to apply\n")
    if later:
        sys.stdout.write(f"for 'bff migrate --contract', after the upgrade: {', '.join(later)}\n")


async def _migrate(settings: Settings, *, contract: bool) -> tuple[list[str], list[str]]:
    names: list[str] = []
    async with open_resources(settings) as resources:
        await migrate(resources.database, names.append, contract=contract)
        return names, await pending_contracts(resources.database)
