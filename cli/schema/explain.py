"""`bff schema explain`."""

import argparse
import sys

from cli.schema import inputs
from cli.schema.arguments import add_apps
from cli.schema.failing import fails_with_two
from core.settings import Settings
from schema_check.explain import explain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("coordinate", metavar="COORDINATE", help="like User, User.handle or User.posts(first:)")
    parser.add_argument("--head", metavar="FILE", help="the schema (default: the one of the code)")
    parser.add_argument("--schema", default="schema.graphql", metavar="FILE", help=argparse.SUPPRESS)
    add_apps(parser)


@fails_with_two
def run(_settings: Settings, asked: argparse.Namespace) -> int:
    shipped = inputs.shipped(asked)
    told = explain(
        asked.coordinate,
        inputs.head(asked),
        shipped,
        inputs.usage(asked),
        inputs.terms(asked),
    )
    sys.stderr.writelines(f"bff: {warning}\n" for warning in shipped.warnings)
    sys.stdout.write(told)
    return 0
