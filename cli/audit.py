"""`bff audit`: verifies the audit trail."""

import argparse
import asyncio
import sys

from cli.resources import open_migrated
from core.errors import SettingsError
from core.settings import Settings
from core.wording import count_of
from services.audit import Verification
from services.users import find_user_id


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["verify"], help="verify: list entries that were changed or removed")
    parser.add_argument("--owner", metavar="HANDLE", help="verify the entries of one account only")


def run(settings: Settings, options: argparse.Namespace) -> None:
    faults = asyncio.run(verify(settings, options.owner))
    if faults:
        raise SettingsError(
            f"faults in the audit trail: {faults}; keep a copy of the database, and investigate the changes"
        )


async def verify(settings: Settings, handle: str | None) -> int:
    """Prints all faults and returns their number."""
    async with open_migrated(settings) as resources:
        owner_id = None if handle is None else await find_user_id(resources.database, handle)
        if handle is not None and owner_id is None:
            raise SettingsError(f"no user has the handle '{handle}'")
        verification, faults = Verification(resources.database, resources.seals, owner_id), 0
        async for fault in verification.faults():
            sys.stdout.write(f"{fault.where}  {fault.fault}\n")
            faults += 1
    verdict = "was changed" if faults else "is intact"
    sys.stdout.write(
        f"verified {count_of(verification.entries, 'entry', 'entries')} of {count_of(verification.people, 'account')}: "
        f"the audit trail {verdict}\n"
    )
    return faults
