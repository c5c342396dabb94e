"""The responses that are stored, their recipients, and the requests that get a stored one."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.response_cache.conftest import Explained
from tests.support.client import HOME, Client, operation
from tests.support.timing import until

Ask = Callable[..., Awaitable[Explained]]

HIT = ("hit", None)
NEW = ("miss", "nothing is stored")
HANDLE = "{ user(handle: $handle) { id name } }"
BEN = 'query Ben { user(handle: "ben") { id name followerCount } }'
ANAS_HANDLE = "query Own { viewer { user { handle } } }"


async def test_the_second_response_is_stored_and_takes_no_statement(client: Client, statements: list[str]) -> None:
    token = await client.token("ana")
    first = (await client.post(HOME, token=token)).json()
    statements.clear()
    second = (await client.post(HOME, token=token)).json()
    assert second["data"] == first["data"]
    assert first["extensions"] == {"cache": {"result": "miss", "reason": "nothing is stored"}}
    assert second["extensions"] == {"cache": {"result": "hit", "age": 0}}
    assert statements == []


@pytest.mark.parametrize(
    "name",
    ["home.graphql Home", "notifications.graphql Inbox", "payments.graphql WalletScreen", "feed.graphql BlockedUsers"],
)
async def test_screens_of_apps_are_stored(explained: Ask, name: str) -> None:
    query = operation(*name.split())
    assert await explained(query, as_="ana") == NEW
    assert await explained(query, as_="ana") == HIT


async def test_users_and_devices_share_no_response(explained: Ask) -> None:
    assert await explained(ANAS_HANDLE, as_="ana") == NEW
    assert await explained(ANAS_HANDLE, as_="ben") == NEW
    assert await explained(ANAS_HANDLE, as_="ana", device=2) == NEW
    assert await explained(ANAS_HANDLE, as_="ana") == HIT


async def test_requests_without_a_user_share_public_responses(explained: Ask) -> None:
    assert await explained(BEN, as_="ana") == NEW
    assert await explained(BEN) == NEW
    assert await explained(BEN) == HIT


@pytest.mark.parametrize(
    ("query", "viewer", "reason"),
    [
        (operation("account.graphql", "Devices"), "ana", "its policy is NONE"),
        ("mutation { logOut { __typename } }", "ana", "its policy is NONE"),
        ("{ __typename }", None, "its policy is NONE"),
        (ANAS_HANDLE, None, "its policy is VIEWER, and no user is signed in"),
    ],
)
async def test_other_responses_are_not_stored(explained: Ask, query: str, viewer: str | None, reason: str) -> None:
    for _ in range(2):
        assert await explained(query, as_=viewer) == ("bypass", reason)


async def test_a_response_to_an_invalid_token_is_not_stored(client: Client) -> None:
    for _ in range(2):
        answer = (await client.post(BEN, token="invalid")).json()
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert "extensions" not in answer


async def test_a_response_that_shows_a_missing_user_is_not_stored(explained: Ask) -> None:
    query = 'query Missing { user(handle: "no-such-user") { id } }'
    for _ in range(2):
        assert await explained(query, as_="ana") == ("miss", "it contains untagged data")


async def test_a_partial_response_is_not_stored(client: Client, statements: list[str]) -> None:
    await client.resources.database.fetch("DROP TABLE payment_parties")
    token = await client.token("ana")
    for _ in range(2):
        statements.clear()
        answer = (await client.post(HOME, token=token)).json()
        assert answer["data"]["viewer"]["payments"] is None
        assert "extensions" not in answer
        assert statements


async def test_only_declared_variables_are_part_of_the_key(explained: Ask) -> None:
    query = "query Person($handle: String!) " + HANDLE
    assert await explained(query, {"handle": "ben"}, as_="ana") == NEW
    assert await explained(query, {"other": 1, "handle": "ben"}, as_="ana") == HIT
    assert await explained(query, {"handle": "chi"}, as_="ana") == NEW


async def test_operations_of_one_document_share_no_response(client: Client) -> None:
    token = await client.token("ana")
    document = "query A { viewer { user { handle } } } query B { viewer { user { name } } }"
    answers = [
        (
            await client.http.post(
                "/graphql",
                json={"query": document, "operationName": name},
                headers={"Authorization": f"Bearer {token}"},
            )
        ).json()["data"]["viewer"]["user"]
        for name in ("A", "B", "A", "B")
    ]
    assert answers == [{"handle": "ana"}, {"name": "Ana Lima"}] * 2


async def test_equal_concurrent_requests_are_executed_once(client: Client, statements: list[str]) -> None:
    token = await client.token("ana")
    statements.clear()
    answers = await asyncio.gather(*(client.post(HOME, token=token) for _ in range(100)))
    results = [answer.json()["extensions"]["cache"]["result"] for answer in answers]
    assert results.count("miss") == 1
    assert set(results) <= {"miss", "shared", "hit"}
    assert len({str(answer.json()["data"]) for answer in answers}) == 1
    assert len(statements) == 5


async def test_a_request_that_follows_a_disconnected_one_is_answered(client: Client, statements: list[str]) -> None:
    token = await client.token("ana")
    for turns in range(8):
        assert client.resources.responses is not None
        await client.resources.responses.announce(["*"])
        statements.clear()
        disconnected = asyncio.create_task(client.post(HOME, token=token))
        await until(lambda: bool(statements))
        disconnected.cancel()
        for _ in range(turns):
            await asyncio.sleep(0)
        assert (await client.post(HOME, token=token)).json()["data"]["viewer"]["user"]["handle"] == "ana"
        await asyncio.wait([disconnected])


async def test_a_disconnected_request_frees_the_lock_of_its_response(client: Client, statements: list[str]) -> None:
    """Responses for everyone are executed once in all processes, so their executions hold a lock."""
    store = client.resources.responses
    assert store is not None
    freed, release = list[str](), store.release

    async def note(key: str) -> None:
        freed.append(key)
        await release(key)

    store.release = note
    disconnected = asyncio.create_task(client.post(BEN))
    await until(lambda: bool(statements))
    disconnected.cancel()
    await asyncio.wait([disconnected])
    await until(lambda: bool(freed))
    assert (await client.post(BEN)).json()["data"]["user"]["name"] == "Ben Okafor"
    assert len(set(freed)) == 1


async def test_metrics_count_responses_by_operation(client: Client, explained: Ask) -> None:
    for _ in range(3):
        await explained(ANAS_HANDLE, as_="ana")
    text = (await client.http.get("/metrics")).text
    assert 'bff_response_cache_total{operation="Own",result="hit"} 2.0' in text
    assert 'bff_response_cache_total{operation="Own",result="miss"} 1.0' in text
    assert "bff_response_store_available 1.0" in text
