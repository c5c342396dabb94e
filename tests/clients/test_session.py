"""The exchange of tokens that the examples for the web share."""

import json
from contextlib import AsyncExitStack

from core.viewer import SignedIn
from tests.clients.manifests import apollo_manifest, register_manifest
from tests.clients.programs import run_program
from tests.clients.sessions import tokens_of_ana
from tests.support.client import operation
from tests.support.engines import Engine
from tests.support.server import serving
from tests.support.timing import PASSING, settings_for

FEATURES = {"name", "away", "gone", "trusted", "limited"}
ATTEMPTS = 30


async def test_only_an_ended_session_signs_a_person_out(engine: Engine) -> None:
    manifest = await apollo_manifest()
    (registered,) = (
        each for each in json.loads(manifest.read_text())["operations"] if each["name"] == "RefreshSession"
    )
    async with engine.copy() as url, AsyncExitStack() as stalled:
        settings = settings_for(
            url, database_deadline=PASSING, trusted_documents="off,strict=enforce", refresh_per_address=ATTEMPTS
        )
        async with serving(settings) as server:
            await register_manifest(server.resources, manifest)
            tokens = await tokens_of_ana(server)

            async def stall() -> None:
                await stalled.enter_async_context(engine.stalled(server.resources))

            async def limit() -> None:
                query = operation("account.graphql", "RefreshSession")
                for number in range(ATTEMPTS):
                    variables = {"input": {"refreshToken": f"{number}"}}
                    await server.http.post("/graphql", json={"query": query, "variables": variables})

            given = {
                "url": f"http://{server.address}/graphql",
                "ended": {"accessToken": tokens.ended, "refreshToken": tokens.refresh},
                "unknown": server.resources.access_tokens.issue(SignedIn(1, 1))[0],
                "document": registered["id"],
            }
            assert (
                await run_program("session.js", given, {"stall": stall, "resume": stalled.aclose, "limit": limit})
                == FEATURES
            )
