"""urql with its normalized cache, as `examples/urql` has it."""

from tests.clients.conftest import Programs
from tests.clients.features import proves
from tests.clients.manifests import codegen_manifest, register_manifest

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
    "upload",
    "abort",
    "sse",
    "ws",
    "defer",
    "reconnect",
    "drain",
)


@proves("urql", *DONE)
async def test_urql_does_what_it_can(programs: Programs) -> None:
    manifest, module = await codegen_manifest("documents")
    await register_manifest(programs.product.resources, manifest)
    assert await programs.run("urql.js", generated=str(module)) == set(DONE)
