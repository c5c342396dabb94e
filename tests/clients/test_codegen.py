"""The client preset of GraphQL Code Generator, whose documents are sent with fetch."""

from tests.clients.conftest import Programs
from tests.clients.features import proves
from tests.clients.manifests import codegen_manifests, register_manifest

DONE = ("query", "mutation", "trusted")


@proves("Client preset", *DONE)
async def test_what_the_client_preset_writes_can_be_asked(programs: Programs) -> None:
    _, texts = await codegen_manifests()
    await register_manifest(programs.product.resources, texts / "persisted-documents.json")
    assert await programs.run("codegen.js", texts=str(texts / "graphql.ts")) == set(DONE)
