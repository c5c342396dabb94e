"""The client preset of GraphQL Code Generator, whose documents are sent with fetch."""

import re

import pytest
from graphql import GraphQLScalarType, is_specified_scalar_type

from resolvers.schema import build_schema
from tests.clients.conftest import Programs
from tests.clients.features import proves
from tests.clients.manifests import codegen_from, codegen_manifest, register_manifest
from tests.support.server import Server

DONE = ("query", "mutation", "trusted")


@proves("Client preset", *DONE)
async def test_what_the_client_preset_writes_can_be_asked(programs: Programs) -> None:
    manifest, module = await codegen_manifest("texts")
    await register_manifest(programs.product.resources, manifest)
    assert await programs.run("codegen.js", generated=str(module)) == set(DONE)


@pytest.mark.parametrize("path", ["graphql", "schema.graphql"])
async def test_the_example_reads_the_schema_of_a_running_server(product: Server, path: str) -> None:
    """Its loader asks for zstd on every Node, and only newer ones can read it."""
    written = (await codegen_from(f"http://{product.address}/{path}")).read_text()
    own = [
        name
        for name, kind in build_schema()._schema.type_map.items()
        if isinstance(kind, GraphQLScalarType) and not is_specified_scalar_type(kind)
    ]
    assert sorted(own) == ["BigInt", "Date", "DateTime"]
    fields = re.findall(r"\b(createdAt|minorUnits|expiresOn): (\w+)", written)
    assert set(fields) == {("createdAt", "string"), ("minorUnits", "string"), ("expiresOn", "string")}
