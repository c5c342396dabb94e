"""`bff schema …`: one module per command. What they know of schemas and apps is in `gate`."""

import argparse
from pathlib import Path

from cli.schema import changelog, check, explain, export, usage
from cli.schema.inputs import OPERATIONS
from gate.formats import FORMATS
from gate.lint import RULES


def add_commands(schemas: argparse.ArgumentParser) -> None:
    schemas.set_defaults(fault=2)
    commands = schemas.add_subparsers(required=True, metavar="ACTION")
    exporting = commands.add_parser("export", help="print it, sorted")
    exporting.set_defaults(run=export.run)
    _add_check(commands.add_parser("check", help="say which operations of shipped apps a change would break"))
    usage.add_arguments(commands.add_parser("usage", help="what servers have seen of what apps use"))
    keeping = commands.add_parser("changelog", help="note what changed in CHANGELOG-schema.md")
    keeping.set_defaults(run=changelog.run)
    _add_schemas(keeping)
    keeping.add_argument("--file", type=Path, default=Path("CHANGELOG-schema.md"), metavar="FILE", help="which file")
    explaining = commands.add_parser("explain", help="say who uses something, and when it could go")
    explaining.set_defaults(run=explain.run)
    explaining.add_argument("coordinate", metavar="COORDINATE", help="like User, User.handle or User.posts(first:)")
    explaining.add_argument("--head", metavar="FILE", help="the schema (default: the one of the code)")
    explaining.add_argument("--schema", default="schema.graphql", metavar="FILE", help=argparse.SUPPRESS)
    _add_apps(explaining)


def _add_check(checking: argparse.ArgumentParser) -> None:
    checking.set_defaults(run=check.run)
    _add_schemas(checking)
    _add_apps(checking)
    checking.add_argument(
        "--approvals", type=Path, metavar="FILE", help="changes that may pass (default schema-approvals.toml)"
    )
    checking.add_argument("--format", choices=list(FORMATS), default="text", help="how to print it (default text)")
    checking.add_argument("--report", type=Path, metavar="FILE", help="write all of it here, however long it is")
    checking.add_argument(
        "--fail-on", choices=["breaking", "dangerous", "never"], default="breaking", help="exit 1 on it"
    )
    checking.add_argument(
        "--lint",
        action="append",
        default=[],
        metavar="RULE=LEVEL",
        help=f"off, warn or error for {', '.join(RULES)}, or all (default warn)",
    )
    checking.add_argument(
        "--if-base", action="store_true", help="pass, and say so, when there is no repository or no main branch"
    )


def _add_schemas(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--base",
        metavar="SCHEMA",
        help="what was: a commit, branch or tag, a file, an introspection JSON, an address "
        "(default: where this branch left the main one)",
    )
    parser.add_argument("--head", metavar="SCHEMA", help="what is to be, likewise (default: the schema of the code)")
    parser.add_argument(
        "--schema", default="schema.graphql", metavar="FILE", help="its file in commits (default schema.graphql)"
    )
    _add_today(parser)


def _add_apps(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--operations",
        type=Path,
        metavar="DIR",
        help=f"<app>/<version>.json manifests, or .graphql files (default {OPERATIONS}, where it is)",
    )
    parser.add_argument("--usage", type=Path, metavar="FILE", help="what the server has seen, as it exports it")
    parser.add_argument(
        "--min-version", action="append", default=[], metavar="APP=VERSION", help="older ones are not live: ios=4.0.0"
    )
    parser.add_argument("--since", default="90d", metavar="DAYS", help="what was not seen for so long is not live")
    if not any("--today" in action.option_strings for action in parser._actions):  # noqa: SLF001 - argparse tells no other way
        _add_today(parser)


def _add_today(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--today", metavar="DAY", help="the day to judge by, like 2026-11-25 (default: today)")
