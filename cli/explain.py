"""`bff explain`: prints the engine's plan of an operation, with a legend."""

import argparse
import json
import sys
from typing import Any

from cli.operation_sources import add_source_arguments, find_operation
from core.errors import SettingsError
from core.settings import Settings
from engine.explain import CannotExplain, explain
from resolvers.schema import build_schema

_MARKS = {
    "  inlined: ": ("inlined", "read by the generated code that builds the parent; no call"),
    "  read: ": ("read", "read from all parents of the level in one step; no call"),
    "  level: ": ("level: LOADER", "one call of the loader for all parents of the level"),
    "  called directly": ("called directly", "one call of the resolver per parent, without Strawberry's wrapper"),
    "  resolver": ("resolver", "one call of the resolver per parent, as by graphql-core"),
    ", where there is no ": ("where there is no NAME", "the loader is called only if the parent's row lacks NAME"),
    ": column ": ("column NAME", "the value of the column NAME of the parent's row"),
    ": derived": ("derived", "computed from the parent's row"),
    ": constant ": ("constant TEXT", "the same text for every parent"),
    ": default ": ("default NAME", "the attribute or key NAME of the parent"),
}
"""The marks of the third column: the text there, its name in the legend, and its meaning."""

_TOTALS = {
    "levels": "depth of the nested fields",
    "fields": "number of fields of the operation",
    "loaders": "loaders that read other rows than those of the parents",
    "batches": "maximum number of calls of loaders, and the number of waits before each",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_source_arguments(parser)
    parser.add_argument(
        "--variables", metavar="JSON", default="{}", help="values for the variables of @skip and @include"
    )


def run(_settings: Settings, options: argparse.Namespace) -> None:
    document, name = find_operation(options.source, options.operation)
    schema = build_schema()._schema  # noqa: SLF001 - Strawberry has no public attribute for it
    try:
        text = explain(schema, document, operation_name=name, variables=_variables(options.variables))
    except CannotExplain as error:
        raise SettingsError(f"{options.source}: {'; '.join(str(error).splitlines())}") from error
    sys.stdout.write(text)
    sys.stdout.write(_legend(text))


def _legend(text: str) -> str:
    """Returns the meaning of the marks that a plan contains."""
    _, tree, *totals = text.split("\n\n")
    last_column = [f"  {line.rpartition('  ')[2]}" for line in tree.splitlines()]
    marks = [entry for mark, entry in _MARKS.items() if any(mark in cell for cell in last_column)]
    if not totals or not marks:
        return ""
    rows = [("columns", "field with arguments, type, how the field is resolved"), *marks, *_TOTALS.items()]
    width = max(len(name) for name, _ in rows)
    return "\nlegend\n" + "".join(f"  {name:{width}}  {meaning}\n" for name, meaning in rows)


def _variables(text: str) -> dict[str, Any]:
    try:
        variables: Any = json.loads(text)
    except ValueError as error:
        raise SettingsError(f"--variables: invalid JSON ({error})") from error
    if not isinstance(variables, dict):
        raise SettingsError("--variables: not an object")
    return variables
