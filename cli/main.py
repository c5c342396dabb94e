"""The commands, their arguments, and how they fail: in one line, with exit status 1, or 2 from `bff schema`."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version

from cli import audit, dev, doctor, documents, events, explain, keys, migrate, schema, seed, serve, token, worker
from core.environment import read_settings, unknown_variables
from core.errors import SettingsError, Unavailable
from core.settings import Settings
from services.seed import SMALLEST

Command = Callable[[Settings, argparse.Namespace], int | None]
Add = Callable[[str, Command, str], argparse.ArgumentParser]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    asked = parser.parse_args(arguments)
    asked.environment = os.environ
    run: Command | None = asked.run
    if run is None:
        parser.print_help(sys.stderr)
        return 2
    try:
        settings = read_settings(os.environ)
        _check_names(unknown_variables(os.environ), settings)
        return run(settings, asked) or 0
    except (SettingsError, Unavailable) as error:
        sys.stderr.write(f"bff: {error}\n")
        return asked.fault


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
    parser.add_argument("--version", action="version", version=f"bff {version('bff')}")
    parser.set_defaults(fault=1, run=None)
    commands = parser.add_subparsers(metavar="COMMAND")

    def add(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    _add_roles(add)
    _add_care(add)
    _add_schema(add)
    return parser


def _add_roles(add: Add) -> None:
    add("dev", dev.run, "Migrate, seed if empty, and serve, with everything embedded.")
    serving = add("serve", serve.run, "Serve HTTP.")
    serving.add_argument("--workers", type=_positive, default=1, metavar="N", help="processes (default 1)")
    working = add("worker", worker.run, "Do what nobody waits for: feeds, notifications, counts, streams, jobs.")
    working.add_argument("--only", choices=list(worker.LOOPS), help="relay: project the log; jobs: do the jobs")


def _add_care(add: Add) -> None:
    happened = add("events", events.run, "Show what could not be projected or done, or try it again.")
    happened.add_argument("action", choices=["dead", "replay"], help="dead: list it; replay: try it again")
    happened.add_argument("ids", type=int, nargs="*", metavar="ID", help="the events to replay")
    happened.add_argument("--all", action="store_true", help="replay everything")
    happened.add_argument("--full", action="store_true", help="list with tracebacks")
    rotating = add("keys", keys.run, "Make a secret key, or seal personal data anew with the first of BFF_SECRET_KEYS.")
    rotating.add_argument(
        "action",
        choices=["generate", "rotate", "forget"],
        help="generate: print a new key; rotate: seal what is sealed with another key, while serving; "
        "forget: have processes start without a key that is lost",
    )
    rotating.add_argument("id", nargs="?", metavar="ID", help="the key to forget")
    auditing = add("audit", audit.run, "Check the trail of what happened to accounts: sign-ins, refusals, passwords.")
    auditing.add_argument("action", choices=["verify"], help="verify: name every row that is not as it was written")
    auditing.add_argument("--owner", metavar="HANDLE", help="one person's alone")
    documents.add_arguments(add("documents", documents.run, "Register what apps send, list it, retire or check it."))
    add("migrate", migrate.run, "Bring the database's tables up to date.")
    seeding = add("seed", seed.run, "Fill an empty database with the demo people and their world.")
    seeding.add_argument("--users", type=_positive, default=SMALLEST, metavar="N", help=f"people (default {SMALLEST})")
    seeding.add_argument(
        "--seed", type=int, default=1, metavar="NUMBER", help="another number, another world (default 1)"
    )
    seeding.add_argument("--force", action="store_true", help="delete everything that is in the database first")
    tokens = add("token", token.run, "Print an access token for somebody (not in production).")
    tokens.add_argument("handle", metavar="HANDLE")
    add("doctor", doctor.run, "Look at settings, database, tables, search, ledger, relay and jobs, and say what to do.")


def _add_schema(add: Add) -> None:
    schema.add_commands(add("schema", schema.export.run, "Work with the schema."))
    explaining = add("explain", explain.run, "Show how an operation is executed, level by level.")
    explaining.add_argument("of", metavar="OPERATION", help="a .graphql file, or a name of schema-operations/")
    explaining.add_argument("--operation", metavar="NAME", help="which of the file's operations")
    explaining.add_argument("--variables", metavar="JSON", default="{}", help="values that @skip and @include go by")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
