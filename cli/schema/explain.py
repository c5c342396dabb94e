"""`bff schema explain`: prints the users of a schema coordinate, and when it can be removed."""

import argparse
import sys

from cli.schema import inputs
from cli.schema.arguments import add_apps
from cli.schema.exit_status import exit_two_on_error
from core.settings import Settings
from schema_check.explain import explain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("coordinate", metavar="COORDINATE", help="such as User, User.handle or User.posts(first:)")
    parser.add_argument("--head", metavar="FILE", help="the schema (default: the schema of the code)")
    parser.add_argument("--schema", default="schema.graphql", metavar="FILE", help=argparse.SUPPRESS)
    add_apps(parser)


@exit_two_on_error
def run(_settings: Settings, options: argparse.Namespace) -> int:
    shipped = inputs.shipped(options)
    text = explain(
        options.coordinate,
        inputs.head(options),
        shipped,
        inputs.usage(options),
        inputs.terms(options),
    )
    sys.stderr.writelines(f"bff: {warning}\n" for warning in shipped.warnings)
    sys.stdout.write(text)
    return 0
