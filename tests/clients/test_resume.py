"""Clients on Node that follow live updates while their connection is lost and the server is replaced."""

from typing import Any

from tests.clients.features import proves
from tests.clients.live_stage import LiveStage
from tests.clients.manifests import compile_relay
from tests.clients.programs import run_program


async def receives_all(live: LiveStage, client: str) -> None:
    given: dict[str, Any] = {**live.given, "token": await live.token(), "client": client}
    assert await run_program("resume.js", given, live.wishes) == {"resume"}


@proves("Apollo Client", "resume")
async def test_apollo_client_receives_all_events(live: LiveStage) -> None:
    await receives_all(live, "Apollo Client")


@proves("urql", "resume")
async def test_urql_receives_all_events(live: LiveStage) -> None:
    await receives_all(live, "urql")


@proves("Relay", "resume")
async def test_relay_receives_all_events(live: LiveStage) -> None:
    await compile_relay()
    await receives_all(live, "Relay")


@proves("graphql-sse", "resume")
async def test_graphql_sse_receives_all_events(live: LiveStage) -> None:
    await receives_all(live, "graphql-sse")
