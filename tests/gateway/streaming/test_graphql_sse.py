"""graphql-sse, in its mode of distinct connections."""

import asyncio

from tests.clients.features import proves
from tests.gateway.clients import run_client
from tests.support.live import Watched
from tests.support.server import Server


@proves("graphql-sse", "query", "abort", "sse")
async def test_graphql_sse_asks_leaves_and_knows_that_a_server_went_from_what_is_complete(
    own: Server, seen: Watched
) -> None:
    program = await run_client("graphql-sse.js", f"http://{own.address}/graphql")
    assert await program.line("query") == {"results": [{"data": {"wide": 7}}]}
    assert await program.line("subscription") == {
        "results": [{"data": {"count": {"number": 0}}}, {"data": {"count": {"number": 1}}}]
    }
    invalid = await program.line("invalid")
    assert (invalid["results"], invalid["status"]) == ([], 400)

    assert await program.line("event") == {"data": {"forever": {"number": 0}}}
    await program.line("lasting")
    await seen.until(lambda: (seen.open, seen.closed) == (2, 1))
    stopping = asyncio.create_task(own.stop())
    ended = await program.line("ended")
    assert ended["results"] == [{"data": {"forever": {"number": 0}}}]
    assert ended["message"] == "Connection closed while having active streams"
    await stopping
    assert await program.process.wait() == 0
