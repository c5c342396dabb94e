"""The command `bff`. A failure is one line on stderr and exit status 1; for `bff schema` it is exit status 2.

A command whose output is not read to its end prints nothing on stderr, and its exit status is 141.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from cli.commands import CommandParser
from cli.output import CLOSED_STATUS, discard_output, is_output_closed
from core.errors import SettingsError, Unavailable
from core.project import DISTRIBUTION
from core.settings import Settings
from core.settings.environment import read_settings, unknown_variables

Command = Callable[[Settings, argparse.Namespace], int | None]

COMMANDS = {
    "dev": "Migrate, seed an empty database, and serve, with an embedded worker.",
    "serve": "Serve HTTP.",
    "worker": "Project the event log and do the jobs: feeds, notifications, counts, streams, exports.",
    "events": "List, replay or discard dead letters: events and jobs that failed too often.",
    "log": "Rebase an event log that was restored from a dump; see docs/backup.md.",
    "keys": "Generate a secret key, or seal personal data again with the first of BFF_SECRET_KEYS.",
    "audit": "Verify the audit trail of accounts: sign-ins, rejected sign-ins, password changes.",
    "payments": "Verify payments, wallets and the ledger, or compare them with the statement of the provider.",
    "documents": "Import, list, check or remove the registered documents of apps.",
    "migrate": "Update the database's tables.",
    "partitions": "Divide large tables into partitions by time, so that retention drops them; see docs/partitions.md.",
    "seed": "Fill an empty database with demo data.",
    "token": "Print an access token for a user (not in production).",
    "doctor": "Check settings, Redis, database, tables, search, ledger, relay, jobs and workers, and advise.",
    "schema": "Export, check or explain the schema, export its usage, and update its changelog.",
    "explain": "Print the plan of an operation, level by level.",
    "cache": "Explain whether and for whom responses of an operation may be cached.",
}
"""The description of each command. `bff NAME` is the module `cli.NAME`."""


class _Version(argparse.Action):
    """Prints the version of the distribution and exits. Looking it up takes some milliseconds, so it happens lazily."""

    def __init__(self, option_strings: Sequence[str], dest: str, **options: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **options)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        sys.stdout.write(f"bff {version(DISTRIBUTION)}\n")
        parser.exit()


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Runs a command, and returns its exit status. Raises `SystemExit` after `--help` and for invalid arguments."""
    try:
        try:
            return _run(arguments, environment)
        finally:
            sys.stdout.flush()
    except BrokenPipeError as error:
        if not is_output_closed(error):
            raise
        discard_output()
        return CLOSED_STATUS


def _run(arguments: Sequence[str] | None, environment: Mapping[str, str]) -> int:
    parser = command_parser()
    options = parser.parse_args(arguments)
    options.environment = environment
    run: Command | None = options.run
    if run is None:
        parser.print_help(sys.stderr)
        return 2
    try:
        variables: Mapping[str, str] = environment if options.reads_settings(options) else {}
        settings = read_settings(variables)
        _check_names(unknown_variables(variables), settings)
        return run(settings, options) or 0
    except (SettingsError, Unavailable) as error:
        sys.stderr.write(f"bff: {error}\n")
        return options.failure_status


def _always(_options: argparse.Namespace) -> bool:
    return True


def _check_names(unknown: Mapping[str, str | None], settings: Settings) -> None:
    """Warns about variables that no setting reads. In production, raises `SettingsError` for a misspelt one.

    Other variables cause only a warning: Kubernetes sets variables like `BFF_SERVICE_HOST` for a service named `bff`.
    """
    for name, similar in unknown.items():
        message = f"{name}: there is no such setting{f'; did you mean {similar}?' if similar else ''}"
        if similar and settings.env == "production":
            raise SettingsError(message)
        sys.stderr.write(f"bff: {message}\n")


def command_parser() -> argparse.ArgumentParser:
    """Returns the parser of `bff` and its commands."""
    parser = argparse.ArgumentParser(
        prog="bff",
        description="A GraphQL backend for mobile apps. Settings come from the environment: docs/settings.md.",
    )
    parser.add_argument("--version", action=_Version, help="print the version")
    parser.set_defaults(failure_status=1, run=None, reads_settings=_always)
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=CommandParser)
    for name, text in COMMANDS.items():
        commands.add_parser(name, help=text, description=text, module=f"cli.{name}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
