"""Apollo Client 4, as `examples/apollo-client` has it."""

from tests.clients.conftest import Programs
from tests.clients.features import proves
from tests.clients.manifests import apollo_manifest, register_manifest

DONE = (
    "query",
    "mutation",
    "errors",
    "pages",
    "node",
    "refresh",
    "apq",
    "apq-get",
    "trusted",
    "name",
    "batch",
    "upload",
    "abort",
    "multipart",
    "ws",
    "defer",
    "defer-2022",
    "reconnect",
    "drain",
)


@proves("Apollo Client", *DONE)
async def test_apollo_client_does_what_it_can(programs: Programs) -> None:
    manifest = await apollo_manifest()
    await register_manifest(programs.product.resources, manifest)
    assert await programs.run("apollo-client.js", manifest=str(manifest)) == set(DONE)
