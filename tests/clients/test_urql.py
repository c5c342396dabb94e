"""urql with its normalized cache, as `examples/urql` has it."""

from tests.clients.conftest import Programs
from tests.clients.features import proves
from tests.clients.manifests import codegen_manifests, register_manifest

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
    documents, _ = await codegen_manifests()
    await register_manifest(programs.product.resources, documents / "persisted-documents.json")
    assert await programs.run("urql.js", generated=str(documents / "graphql.ts")) == set(DONE)
