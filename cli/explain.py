"""`bff explain`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, parse

from core.errors import SettingsError
from core.project import PROJECT
from core.settings import Settings
from engine.explain import CannotExplain, explain
from resolvers.schema import build_schema

OPERATIONS = PROJECT / "schema-operations"

_MARKS = {
    "  inlined: ": ("inlined", "read by the generated code that answers the parent; no call"),
    "  read: ": ("read", "read from all parents of the level in one step; no call"),
    "  level: ": ("level: LOADER", "one call of the loader for all parents of the level"),
    "  called directly": ("called directly", "one call of the resolver for each parent, without Strawberry's wrapper"),
    "  resolver": ("resolver", "one call of the resolver for each parent, as graphql-core makes it"),
    ", where there is no ": ("where there is no NAME", "the loader is called only where the parent's row lacks it"),
    ": column ": ("column NAME", "the value that the parent's row has under this name"),
    ": derived": ("derived", "computed from the parent's row"),
    ": constant ": ("constant TEXT", "this text, whatever the parent"),
    ": default ": ("default NAME", "the attribute or key of this name of the parent"),
}
"""The marks of the third column: the text there, its name in the legend, and its meaning."""

_SUMS = {
    "levels": "how deep fields are nested",
    "fields": "how many fields the operation has",
    "loaders": "what is read beside the parents' rows",
    "batches": "how many calls of loaders there are at most, and how often execution waits before each",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("of", metavar="OPERATION", help="a .graphql file, or a name of schema-operations/")
    parser.add_argument("--operation", metavar="NAME", help="which of the file's operations")
    parser.add_argument("--variables", metavar="JSON", default="{}", help="values that @skip and @include go by")


def run(_settings: Settings, asked: argparse.Namespace) -> None:
    document, name = _find(asked.of, asked.operation)
    schema = build_schema()._schema  # noqa: SLF001 - Strawberry has no other way to it
    try:
        text = explain(schema, document, operation_name=name, variables=_variables(asked.variables))
    except CannotExplain as error:
        raise SettingsError(f"{asked.of}: {'; '.join(str(error).splitlines())}") from error
    sys.stdout.write(text)
    sys.stdout.write(_legend(text))


def _legend(text: str) -> str:
    """The meaning of what stands in a plan, and of nothing else."""
    _, tree, *sums = text.split("\n\n")
    answered = [f"  {line.rpartition('  ')[2]}" for line in tree.splitlines()]
    marks = [told for mark, told in _MARKS.items() if any(mark in how for how in answered)]
    if not sums or not marks:
        return ""
    rows = [("columns", "field and arguments, type, how the field is answered"), *marks, *_SUMS.items()]
    width = max(len(name) for name, _ in rows)
    return "\nlegend\n" + "".join(f"  {name:{width}}  {meaning}\n" for name, meaning in rows)


def _find(of: str, name: str | None) -> tuple[DocumentNode, str | None]:
    """The document and the name of an operation: of the file `of`, or of the one that has an operation of that name."""
    if of.endswith(".graphql"):
        return _parse(Path(of)), name
    documents = [_parse(file) for file in sorted(OPERATIONS.glob("*.graphql"))]
    found = next((document for document in documents if of in _names(document)), None)
    if found is None:
        known = ", ".join(sorted(known for document in documents for known in _names(document)))
        raise SettingsError(f"there is no operation '{of}'; name a file, or one of {known}")
    return found, of


def _parse(file: Path) -> DocumentNode:
    try:
        return parse(file.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read") from error
    except GraphQLError as error:
        raise SettingsError(f"{file}: {error.message}") from error


def _names(document: DocumentNode) -> list[str]:
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    return [operation.name.value for operation in operations if operation.name]


def _variables(text: str) -> dict[str, Any]:
    try:
        variables: Any = json.loads(text)
    except ValueError as error:
        raise SettingsError(f"--variables: no JSON ({error})") from error
    if not isinstance(variables, dict):
        raise SettingsError("--variables: not an object")
    return variables
