"""graphql-ws, which Apollo Client, urql and Relay are given to speak over WebSockets."""

from tests.clients.features import proves
from tests.gateway.clients import run_client
from tests.support.live import Watched
from tests.support.server import Server


@proves("graphql-ws", "query", "mutation", "errors", "abort", "ws", "reconnect")
async def test_graphql_ws_asks_is_signed_out_and_comes_back_with_a_new_token(lively: Server, seen: Watched) -> None:
    first, second = lively.token(7, 91), lively.token(7, 92)
    program = await run_client("graphql-ws.js", lively.websocket_url, first, second)
    await program.line("lasting")
    await program.line("connected")
    event = {"data": {"forever": {"number": 0, "viewer": 7}}}
    assert await program.line("event") == event
    assert await program.line("query") == {"results": [{"data": {"wide": 7}}]}
    assert await program.line("subscription") == {
        "results": [{"data": {"count": {"number": 0}}}, {"data": {"count": {"number": 1}}}]
    }
    assert await program.line("mutation") == {"results": [{"data": {"slowly": 1}}]}
    invalid = await program.line("invalid")
    assert [error["extensions"]["code"] for error in invalid["error"]] == ["GRAPHQL_VALIDATION_FAILED"]

    await program.line("waiting")
    lively.revoke(91)
    assert await program.line("closed") == [4403, "The access token is no longer valid"]
    await program.line("connected")
    assert await program.line("event") == event, "subscribed again by itself"
    await program.line("returned")
    await seen.until(lambda: seen.closed == 2)
    assert await program.line("closed") == [1000, "Normal Closure"]
    assert await program.process.wait() == 0
