"""The server counts the fields that the schema check looks for."""

from pathlib import Path

import pytest
from graphql import parse, separate_operations

from gateway.documents.shapes import Shapes
from resolvers.schema import build_schema
from schema_check.operations import uses_of
from tests.support.client import OPERATIONS

SCHEMA = build_schema()._schema


@pytest.mark.parametrize("file", sorted(OPERATIONS.glob("*.graphql")), ids=lambda file: file.stem)
def test_of_every_operation_of_the_apps_the_gate_finds_the_fields_that_are_counted(file: Path) -> None:
    document = parse(file.read_text())
    shapes = Shapes(SCHEMA, document)
    for name, alone in separate_operations(document).items():
        assert set(shapes[name].fields.split()) == uses_of(alone, SCHEMA).fields
        assert shapes[name].fields.split() == sorted(shapes[name].fields.split())
