"""`bff token`: prints an access token."""

import argparse
import asyncio
import sys

from cli.resources import open_migrated
from core.errors import SettingsError
from core.settings import Settings
from services.unit_of_work import unit_of_work
from services.users import NewDevice, find_user_id, open_session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("handle", metavar="HANDLE")


def run(settings: Settings, options: argparse.Namespace) -> None:
    if settings.env == "production":
        raise SettingsError("BFF_ENV: 'bff token' is not available in production")
    sys.stdout.write(asyncio.run(_token(settings, options.handle)) + "\n")


async def _token(settings: Settings, handle: str) -> str:
    async with open_migrated(settings) as resources:
        user_id = await find_user_id(resources.database, handle)
        if user_id is None:
            raise SettingsError(f"no user has the handle '{handle}'")
        async with unit_of_work(resources) as work:
            session = await open_session(work, resources, user_id, NewDevice("bff token", "WEB", "0"))
    return session["access_token"]
