"""Arguments that several commands of `bff schema` take."""

import argparse
from pathlib import Path

from cli.schema.inputs import OPERATIONS


def add_schemas(parser: argparse.ArgumentParser) -> None:
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


def add_apps(parser: argparse.ArgumentParser) -> None:
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
