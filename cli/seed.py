"""`bff seed`."""

import argparse
import asyncio
import sys
from typing import TextIO

from cli.commands import at_least_one
from cli.ready import open_migrated
from core.errors import SettingsError
from core.settings import Settings
from services.maintenance.key_holders import note_keys
from services.maintenance.seed import DEMO_HANDLES, MIN_USERS, demo_email, demo_password, seed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--users", type=at_least_one, default=MIN_USERS, metavar="N", help=f"people (default {MIN_USERS})"
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="NUMBER", help="another number, another world (default 1)"
    )
    parser.add_argument("--force", action="store_true", help="delete everything that is in the database first")


def run(settings: Settings, asked: argparse.Namespace) -> None:
    if settings.env == "production":
        raise SettingsError("BFF_ENV: the demo people's passwords are public, production takes none of them")
    asyncio.run(_seed(settings, asked))
    people = ", ".join(DEMO_HANDLES)
    first = DEMO_HANDLES[0]
    sys.stdout.write(
        f"seeded; sign in with logIn as {demo_email(first)} with the password {demo_password(first)} (the same for "
        f"{people}), or take a token: bff token {first}\n"
    )


async def _seed(settings: Settings, asked: argparse.Namespace) -> None:
    bar = ProgressBar(sys.stderr, asked.users)
    async with open_migrated(settings) as resources:
        await seed(resources, asked.seed, people=asked.users, force=asked.force, progress=bar.advance)
        await note_keys(resources.database, resources.keys)
    bar.end()


class ProgressBar:
    """How far a seed has come, on a terminal; `users` people make about 250 rows each."""

    _ROWS_PER_PERSON = 250
    _WIDTH = 40

    def __init__(self, terminal: TextIO, users: int) -> None:
        self._terminal = terminal if terminal.isatty() else None
        self._expected = users * self._ROWS_PER_PERSON
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
