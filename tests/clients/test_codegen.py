"""The client preset of GraphQL Code Generator, whose documents are sent with fetch."""

from tests.clients.conftest import Programs
from tests.clients.features import proves
from tests.clients.manifests import codegen_manifest, register_manifest

DONE = ("query", "mutation", "trusted")


@proves("Client preset", *DONE)
async def test_what_the_client_preset_writes_can_be_asked(programs: Programs) -> None:
    manifest, module = await codegen_manifest("texts")
    await register_manifest(programs.product.resources, manifest)
    assert await programs.run("codegen.js", generated=str(module)) == set(DONE)
