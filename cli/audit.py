"""`bff audit`: whether the trail of what happened to accounts is as it was written."""

import argparse
import asyncio
import sys

from cli.ready import open_migrated
from core.errors import SettingsError
from core.settings import Settings
from services.audit import Verification
from services.users import find_user_id


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["verify"], help="verify: name every row that is not as it was written")
    parser.add_argument("--owner", metavar="HANDLE", help="one person's alone")


def run(settings: Settings, asked: argparse.Namespace) -> None:
    faults = asyncio.run(verify(settings, asked.owner))
    if faults:
        raise SettingsError(
            f"faults in the audit trail: {faults}; keep a copy of the database, and find out who did it"
        )


async def verify(settings: Settings, handle: str | None) -> int:
    """Writes every fault, and returns how many there are."""
    async with open_migrated(settings) as resources:
        owner_id = None if handle is None else await find_user_id(resources.database, handle)
        if handle is not None and owner_id is None:
            raise SettingsError(f"nobody has the handle '{handle}'")
        verification, faults = Verification(resources.database, resources.seals, owner_id), 0
        async for fault in verification.faults():
            sys.stdout.write(f"{fault.where}  {fault.what}\n")
            faults += 1
    verdict = "is not as it was written" if faults else "is as it was written"
    looked = f"looked at {verification.entries} entries of {verification.people} people"
    sys.stdout.write(f"{looked}: the audit trail {verdict}\n")
    return faults
