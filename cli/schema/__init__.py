"""`bff schema …`: one module per command. The package `schema_check` contains their logic."""

import argparse

from cli.commands import CommandParser

COMMANDS = {
    "export": "print the schema, sorted",
    "check": "report which operations of shipped apps a change would break",
    "usage": "export the usage that servers have counted",
    "changelog": "update CHANGELOG-schema.md with the changes",
    "explain": "print who uses a coordinate, and when it can be removed",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(failure_status=2)
    commands = parser.add_subparsers(required=True, metavar="ACTION", parser_class=CommandParser)
    for name, text in COMMANDS.items():
        commands.add_parser(name, help=text, module=f"cli.schema.{name}")
