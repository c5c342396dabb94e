"""`bff cache`: explains whether and for whom the response of an operation may be cached."""

import argparse
import sys
from collections.abc import Iterator

from graphql import DocumentNode, OperationDefinitionNode, validate

from cli.operation_sources import add_source_arguments, find_operation
from core.errors import SettingsError
from core.settings import Settings
from gateway.response_cache.policy import CachePolicy, operation_policy
from resolvers.schema import build_schema

_SCOPES = {
    "PUBLIC": "all viewers without a signed-in user",
    "VIEWER": "one signed-in user",
    "NONE": "no response is stored",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    text = "Print the cache policy of an operation, and the part that decides each value."
    why = commands.add_parser("why", help=text, description=text)
    add_source_arguments(why)
    why.set_defaults(run=_why)


def _why(_settings: Settings, options: argparse.Namespace) -> None:
    document, name = find_operation(options.source, options.operation)
    schema = build_schema()._schema  # noqa: SLF001 - Strawberry has no public attribute for it
    if errors := validate(schema, document):
        raise SettingsError(f"{options.source}: {errors[0].message}")
    policy = operation_policy(schema, document, _operation(document, name, options.source))
    sys.stdout.write("".join(f"{line}\n" for line in _lines(policy)))


def _operation(document: DocumentNode, name: str | None, source: str) -> OperationDefinitionNode:
    operations = {
        node.name.value if node.name else "": node
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    }
    if name is None and len(operations) == 1:
        return next(iter(operations.values()))
    if name not in operations:
        raise SettingsError(f"{source}: name one of its operations by --operation: {', '.join(sorted(operations))}")
    return operations[name]


def _lines(policy: CachePolicy) -> Iterator[str]:
    scope = policy.scope.value.value
    rows = [("scope", f"{scope}: {_SCOPES[scope]}", policy.scope.part)]
    if scope != "NONE":
        times = (("maxAge", policy.max_age), ("staleWhileRevalidate", policy.stale_while_revalidate))
        rows += [(name, f"{value.value} s", value.part) for name, value in times]
        rows += [("maxStale", f"{value.value} s", value.part) for value in policy.max_stale]
    width = max(len(text) for _, text, _ in rows)
    for name, text, part in rows:
        yield f"{name:20}  {text:{width}}  by {part}"
