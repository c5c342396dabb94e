"""Arguments that several commands of `bff schema` share."""

import argparse
from pathlib import Path

from cli.schema.inputs import OPERATIONS


def add_schemas(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--base",
        metavar="SCHEMA",
        help="the old schema: a commit, branch or tag, a file, an introspection JSON, or a URL "
        "(default: the merge base with the main branch)",
    )
    parser.add_argument("--head", metavar="SCHEMA", help="the new schema, likewise (default: the schema of the code)")
    parser.add_argument(
        "--schema",
        default="schema.graphql",
        metavar="FILE",
        help="the schema's file in commits (default schema.graphql)",
    )
    _add_today(parser)


def add_apps(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--operations",
        type=Path,
        metavar="DIR",
        help=f"<app>/<version>.json manifests, or .graphql files (default {OPERATIONS}, if it exists)",
    )
    parser.add_argument("--usage", type=Path, metavar="FILE", help="the output of 'bff schema usage export'")
    parser.add_argument(
        "--min-version",
        action="append",
        default=[],
        metavar="APP=VERSION",
        help="older versions are not live, such as ios=4.0.0",
    )
    parser.add_argument(
        "--since",
        default="90d",
        metavar="DAYS",
        help="operations without usage for this time are not live (default 90d)",
    )
    if not any("--today" in action.option_strings for action in parser._actions):  # noqa: SLF001 - there is no public attribute for it
        _add_today(parser)


def _add_today(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--today", metavar="DAY", help="the date of the check, such as 2026-11-25 (default: today)")
