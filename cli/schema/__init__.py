"""`bff schema …`: one module per command. What they know of schemas and apps is in `schema_check`."""

import argparse

from cli.commands import CommandParser

COMMANDS = {
    "export": "print it, sorted",
    "check": "say which operations of shipped apps a change would break",
    "usage": "what servers have seen of what apps use",
    "changelog": "note what changed in CHANGELOG-schema.md",
    "explain": "say who uses something, and when it could go",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(fault=2)
    commands = parser.add_subparsers(required=True, metavar="ACTION", parser_class=CommandParser)
    for name, text in COMMANDS.items():
        commands.add_parser(name, help=text, module=f"cli.schema.{name}")
