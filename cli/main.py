"""The commands, their arguments, and how they fail: in one line, with exit status 1, or 2 from `bff schema`."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from cli.commands import CommandParser
from core.errors import SettingsError, Unavailable
from core.settings import Settings
from core.settings.environment import read_settings, unknown_variables

DISTRIBUTION = "graphql-mobile-bff"
"""The name of the distribution on the package index, where `bff` belongs to another project."""

Command = Callable[[Settings, argparse.Namespace], int | None]

COMMANDS = {
    "dev": "Migrate, seed if empty, and serve, with everything embedded.",
    "serve": "Serve HTTP.",
    "worker": "Project the event log and do the jobs: feeds, notifications, counts, streams, exports.",
    "events": "Show what could not be projected or done, try it again, or give it up.",
    "log": "Go on with an event log that was restored from a dump; docs/backup.md says when.",
    "keys": "Make a secret key, or seal personal data anew with the first of BFF_SECRET_KEYS.",
    "audit": "Check the trail of what happened to accounts: sign-ins, refusals, passwords.",
    "documents": "Register what apps send, list it, retire or check it.",
    "migrate": "Bring the database's tables up to date.",
    "seed": "Fill an empty database with the demo people and their world.",
    "token": "Print an access token for a person (not in production).",
    "doctor": "Look at settings, Redis, database, tables, search, ledger, relay, jobs and workers, and say what to do.",
    "schema": "Work with the schema.",
    "explain": "Show how an operation is executed, level by level.",
}
"""Name and description of each command; `bff NAME` is the module `cli.NAME`."""


class _Version(argparse.Action):
    """Prints the version of the distribution, which takes some milliseconds to find, and ends."""

    def __init__(self, option_strings: Sequence[str], dest: str, **options: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **options)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        sys.stdout.write(f"bff {version(DISTRIBUTION)}\n")
        parser.exit()


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    parser = _parser()
    asked = parser.parse_args(arguments)
    asked.environment = environment
    run: Command | None = asked.run
    if run is None:
        parser.print_help(sys.stderr)
        return 2
    try:
        read: Mapping[str, str] = environment if asked.reads_settings(asked) else {}
        settings = read_settings(read)
        _check_names(unknown_variables(read), settings)
        return run(settings, asked) or 0
    except (SettingsError, Unavailable) as error:
        sys.stderr.write(f"bff: {error}\n")
        return asked.fault


def _always(_asked: argparse.Namespace) -> bool:
    return True


def _check_names(unknown: Mapping[str, str | None], settings: Settings) -> None:
    """Warns of variables that no setting reads; in production a misspelt one is a `SettingsError`.

    Others only get a warning there, too: Kubernetes sets variables like `BFF_SERVICE_HOST` for a service named `bff`.
    """
    for name, meant in unknown.items():
        told = f"{name}: there is no such setting{f'; is {meant} meant?' if meant else ''}"
        if meant and settings.env == "production":
            raise SettingsError(told)
        sys.stderr.write(f"bff: {told}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bff",
        description="A GraphQL backend for mobile apps. Settings come from the environment: docs/settings.md.",
    )
    parser.add_argument("--version", action=_Version, help="print the version")
    parser.set_defaults(fault=1, run=None, reads_settings=_always)
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=CommandParser)
    for name, text in COMMANDS.items():
        commands.add_parser(name, help=text, description=text, module=f"cli.{name}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
