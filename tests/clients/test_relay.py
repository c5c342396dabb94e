"""Relay's runtime and compiler, as `examples/relay` has them."""

from tests.clients.conftest import Programs
from tests.clients.features import proves
from tests.clients.manifests import compile_relay, register_manifest

DONE = (
    "query",
    "mutation",
    "errors",
    "pages",
    "node",
    "refresh",
    "trusted",
    "name",
    "abort",
    "defer-2022",
    "ws",
    "reconnect",
    "drain",
)


@proves("Relay", *DONE)
async def test_relay_does_what_it_can(programs: Programs) -> None:
    await register_manifest(programs.product.resources, await compile_relay())
    assert await programs.run("relay.js") == set(DONE)
