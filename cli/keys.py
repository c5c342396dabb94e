"""`bff keys`."""

import argparse
import asyncio
import sys

from cli.ready import open_migrated
from core.settings import Settings
from services.key_rotation import rotate_keys


def run(settings: Settings, _asked: argparse.Namespace) -> None:
    sealed = asyncio.run(_rotate(settings))
    sys.stdout.write(f"sealed anew: {sealed}\n")


async def _rotate(settings: Settings) -> int:
    async with open_migrated(settings) as resources:
        return await rotate_keys(resources, lambda _sealed: None)
