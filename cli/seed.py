"""`bff seed`: fills a database with demo data."""

import argparse
import asyncio
import sys
from typing import TextIO

from cli.commands import at_least_one
from cli.resources import open_migrated
from core.errors import SettingsError
from core.settings import Settings
from services.maintenance.key_holders import note_keys
from services.maintenance.seed import DEMO_HANDLES, MIN_USERS, demo_email, demo_password, seed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--users", type=at_least_one, default=MIN_USERS, metavar="N", help=f"the number of users (default {MIN_USERS})"
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="NUMBER", help="the seed of the random generator (default 1)"
    )
    parser.add_argument("--force", action="store_true", help="delete all data in the database first")


def run(settings: Settings, options: argparse.Namespace) -> None:
    if settings.env == "production":
        raise SettingsError("BFF_ENV: the passwords of the demo users are public; production must not contain them")
    asyncio.run(_seed(settings, options))
    people = ", ".join(DEMO_HANDLES)
    first = DEMO_HANDLES[0]
    sys.stdout.write(
        f"seeded; sign in with logIn as {demo_email(first)} with the password {demo_password(first)} (the same for "
        f"{people}), or print an access token: bff token {first}\n"
    )


async def _seed(settings: Settings, options: argparse.Namespace) -> None:
    bar = ProgressBar(sys.stderr, options.users)
    async with open_migrated(settings) as resources:
        await seed(resources, options.seed, people=options.users, force=options.force, progress=bar.advance)
        await note_keys(resources.database, resources.keys)
    bar.end()


class ProgressBar:
    """The progress of a seed, on a terminal. A user has about 250 rows."""

    _ROWS_PER_USER = 250
    _WIDTH = 40

    def __init__(self, terminal: TextIO, users: int) -> None:
        self._terminal = terminal if terminal.isatty() else None
        self._expected = users * self._ROWS_PER_USER
        self._written = 0

    def advance(self, table: str, rows: int) -> None:
        self._written += rows
        done = min(self._written / self._expected, 1.0)
        filled = int(done * self._WIDTH)
        self._show(
            f"\r[{'█' * filled}{' ' * (self._WIDTH - filled)}] {done:4.0%}  {self._written:>10,} rows  {table:<20}"
        )

    def end(self) -> None:
        self._show("\n")

    def _show(self, text: str) -> None:
        if self._terminal is not None:
            self._terminal.write(text)
            self._terminal.flush()
