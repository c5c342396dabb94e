"""`bff seed`."""

import argparse
import asyncio
import sys

from cli.ready import open_migrated
from core.errors import SettingsError
from core.settings import Settings
from services.seed import seed


def run(settings: Settings, asked: argparse.Namespace) -> None:
    if settings.env == "production":
        raise SettingsError("BFF_ENV: the demo people's passwords are public, production takes none of them")
    asyncio.run(_seed(settings, asked.seed, force=asked.force))
    sys.stdout.write("seeded\n")


async def _seed(settings: Settings, seed_number: int, *, force: bool) -> None:
    async with open_migrated(settings) as resources:
        await seed(resources, seed_number, force=force)
