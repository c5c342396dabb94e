"""`bff keys`."""

import argparse
import asyncio
import sys

from cli.ready import open_migrated, open_with_keys
from core.clock import system_clock
from core.errors import SettingsError
from core.keys import generate_key
from core.settings import Settings
from services.maintenance.key_holders import check_rotation, forget_key, note_rotated
from services.maintenance.key_rotation import rotate_keys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=["generate", "rotate", "forget"],
        help="generate: print a new key; rotate: seal what is sealed with another key, while serving; "
        "forget: have processes start without a key that is lost",
    )
    parser.add_argument("id", nargs="?", metavar="ID", help="the key to forget")
    # The first key is made before the settings are complete: production refuses to start without one.
    parser.set_defaults(reads_settings=_reads_settings)


def _reads_settings(asked: argparse.Namespace) -> bool:
    return asked.action != "generate"


def run(settings: Settings, asked: argparse.Namespace) -> None:
    if asked.action == "generate":
        sys.stdout.write(f"{generate_key(system_clock())}\n")
        return
    if asked.action == "forget":
        asyncio.run(_forget(settings, asked.id))
        sys.stdout.write(f"forgotten: {asked.id}; what it has sealed cannot be read or checked any more\n")
        return
    sealed = asyncio.run(_rotate(settings))
    sys.stdout.write(f"sealed anew: {sealed}\n")


async def _forget(settings: Settings, key_id: str | None) -> None:
    if not key_id:
        raise SettingsError("say which key is lost: bff keys forget ID")
    async with open_migrated(settings) as resources:
        await forget_key(resources, key_id)


async def _rotate(settings: Settings) -> int:
    """Processes are asked for before and after: one that has come meanwhile may have sealed with another key."""
    async with open_with_keys(settings) as resources:
        await check_rotation(resources)
        sealed = await rotate_keys(resources, lambda _sealed: None)
        await check_rotation(resources)
        await note_rotated(resources)
        return sealed
