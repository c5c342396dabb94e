"""`bff keys`: generates, rotates and forgets secret keys."""

import argparse
import asyncio
import sys

from cli.resources import open_migrated, open_with_keys
from core.clock import system_clock
from core.errors import SettingsError
from core.keys import generate_key
from core.settings import Settings
from services.maintenance.key_holders import check_rotation, forget_key, record_rotation
from services.maintenance.key_rotation import rotate_keys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=["generate", "rotate", "forget"],
        help="generate: print a new key; rotate: seal all data with the first key, while servers run; "
        "forget: let processes start without a lost key",
    )
    parser.add_argument("id", nargs="?", metavar="ID", help="the id of the key to forget")
    # The first key is generated before the settings are complete, because production does not start without a key.
    parser.set_defaults(reads_settings=_reads_settings)


def _reads_settings(options: argparse.Namespace) -> bool:
    return options.action != "generate"


def run(settings: Settings, options: argparse.Namespace) -> None:
    if options.action == "generate":
        sys.stdout.write(f"{generate_key(system_clock())}\n")
        return
    if options.action == "forget":
        asyncio.run(_forget(settings, options.id))
        sys.stdout.write(f"forgotten: {options.id}; data that it has sealed can no longer be read or verified\n")
        return
    sealed = asyncio.run(_rotate(settings))
    sys.stdout.write(f"sealed again: {sealed}\n")


async def _forget(settings: Settings, key_id: str | None) -> None:
    if not key_id:
        raise SettingsError("give the id of the lost key: bff keys forget ID")
    async with open_migrated(settings) as resources:
        await forget_key(resources, key_id)


async def _rotate(settings: Settings) -> int:
    """Seals all data with the first key, and returns the number of values.

    Running processes are checked before and after, because a process that started meanwhile may seal with another key.
    """
    async with open_with_keys(settings) as resources:
        await check_rotation(resources)
        sealed = await rotate_keys(resources, lambda _sealed: None)
        await check_rotation(resources)
        await record_rotation(resources)
        return sealed
