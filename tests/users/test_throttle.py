"""Tests the limits of sign-in attempts, with every database and rate limiter."""

import asyncio
import secrets
from typing import Any

import pytest

from core.settings import Settings
from tests.conftest import REDIS
from tests.support.account import DEVICE, act, sign_in
from tests.support.client import LOG_IN, Client, operation
from tests.support.engines import REDIS_URL
from tests.support.kept import events_of, snapshot
from tests.support.timing import settings_for

REFUSED = {
    "__typename": "RateLimitedProblem",
    "code": "RATE_LIMITED",
    "message": "Too many attempts. Wait before you try again.",
    "field": None,
}
WRONG = {"__typename": "InvalidCredentialsProblem", "code": "INVALID_CREDENTIALS"}
CHANGE = (
    "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename "
    "... on Problem { code message field } ... on RateLimitedProblem { retryAfterSeconds } } }"
)


@pytest.fixture
def changed() -> dict[str, Any]:
    """Settings that a test has otherwise."""
    return {}


@pytest.fixture(
    params=["", pytest.param(REDIS_URL, marks=pytest.mark.skipif(not REDIS, reason="Redis is not reached"), id="redis")]
)
def settings(request: pytest.FixtureRequest, database_url: str, changed: dict[str, Any]) -> Settings:
    return settings_for(
        database_url,
        limits_url=request.param,
        limits_name=f"test-{secrets.token_hex(6)}",
        limits_deadline=5.0,
        trusted_proxies="127.0.0.1",
        max_root_fields=100,
        max_cost=0,
        **changed,
    )


@pytest.fixture
def verified(client: Client, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collects the passwords that were compared with a hash."""
    passwords, seen = client.resources.passwords, list[str]()
    verify = passwords.verify

    async def noted(password_hash: str | None, password: str) -> bool:
        seen.append(password)
        return await verify(password_hash, password)

    monkeypatch.setattr(passwords, "verify", noted)
    return seen


@pytest.fixture
def all_wrong(client: Client, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collects the passwords to compare, without comparing them. All of them count as wrong."""
    seen = list[str]()

    async def noted(_password_hash: str | None, password: str) -> bool:
        seen.append(password)
        return False

    monkeypatch.setattr(client.resources.passwords, "verify", noted)
    return seen


def credentials(email: str, password: str) -> dict[str, Any]:
    return {"email": email, "password": password, "device": DEVICE}


async def guess(client: Client, address: str, tries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the results of several attempts in one document."""
    names = range(len(tries))
    query = (
        f"mutation ({' '.join(f'$i{name}: LogInInput!' for name in names)}) "
        f"{{ {' '.join(f'a{name}: logIn(input: $i{name}) {{ ...Told }}' for name in names)} }}"
        " fragment Told on LogInResult { __typename ... on Problem { code }"
        " ... on RateLimitedProblem { message field retryAfterSeconds } }"
    )
    variables = {f"i{name}": each for name, each in zip(names, tries, strict=True)}
    answer = (await client.post(query, variables, **{"X-Forwarded-For": address})).json()
    assert "errors" not in answer, answer["errors"]
    return list(answer["data"].values())


async def log_in(client: Client, address: str, email: str, password: str) -> str:
    (told,) = await guess(client, address, [credentials(email, password)])
    return told["__typename"]


def without_seconds(told: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    seconds = [each.pop("retryAfterSeconds") for each in told]
    assert all(0 < each <= most for each in seconds), seconds
    return told


@pytest.mark.parametrize("email", ["ana@example.com", "nobody@example.com"])
async def test_of_a_thousand_guesses_from_many_addresses_ten_are_looked_at_whether_or_not_there_is_an_account(
    client: Client, verified: list[str], email: str
) -> None:
    before, told = await snapshot(client.resources), list[dict[str, Any]]()
    for document in range(10):
        tries = [credentials(email if number % 2 else email.upper(), f"{document}-{number}") for number in range(100)]
        told += await guess(client, f"203.0.113.{document}", tries)
    assert told[:10] == [WRONG] * 10
    assert without_seconds(told[10:], 900) == [REFUSED] * 990
    assert verified == [f"0-{number}" for number in range(10)]
    after = await snapshot(client.resources)
    assert {event["type"] for event in after.pop("event_log").values()} == {"SignInRefused"}
    assert len(await events_of(client.resources)) == 10
    assert before.pop("event_log") == {}
    assert after == before
    assert await log_in(client, "198.51.100.7", "ana@example.com", "open-sesame-ana") == (
        "RateLimitedProblem" if email == "ana@example.com" else "LogInSuccess"
    )
    assert await log_in(client, "203.0.113.9", "ben@example.com", "open-sesame-ben") == "LogInSuccess"


@pytest.mark.parametrize("email", ["ana@example.com", "nobody@example.com"])
async def test_a_refused_attempt_reads_and_hashes_nothing(
    client: Client, all_wrong: list[str], statements: list[str], email: str
) -> None:
    await guess(client, "203.0.113.1", [credentials(email, "wrong")] * 10)
    statements.clear()
    told = await guess(client, "203.0.113.2", [credentials(email, "open-sesame-ana")] * 100)
    assert without_seconds(told, 900) == [REFUSED] * 100
    assert statements == []
    assert len(all_wrong) == 10


async def test_many_at_a_time_are_no_more(client: Client, all_wrong: list[str]) -> None:
    tries = [credentials("ana@example.com", "wrong")] * 10
    await asyncio.gather(*(guess(client, f"203.0.113.{number}", tries) for number in range(20)))
    assert len(all_wrong) == 10


async def test_getting_in_counts_too_and_takes_nothing_back(client: Client) -> None:
    right = credentials("ana@example.com", "open-sesame-ana")
    told = await guess(client, "203.0.113.1", [right] * 12)
    assert [each["__typename"] for each in told] == ["LogInSuccess"] * 10 + ["RateLimitedProblem"] * 2


@pytest.mark.parametrize("changed", [{"max_batch": 1000}])
async def test_of_a_thousand_guesses_in_one_batch_ten_are_looked_at(client: Client, all_wrong: list[str]) -> None:
    tries = [{"input": credentials("ana@example.com", str(number))} for number in range(1000)]
    batch = [{"query": LOG_IN, "variables": each} for each in tries]
    answers = (await client.http.post("/graphql", json=batch, headers={"X-Forwarded-For": "203.0.113.1"})).json()
    told = [answer["data"]["logIn"]["__typename"] for answer in answers]
    assert told == ["InvalidCredentialsProblem"] * 10 + ["RateLimitedProblem"] * 990
    assert all_wrong == [str(number) for number in range(10)]


@pytest.mark.parametrize("changed", [{"log_in_seconds": 3, "log_in_per_account": 2}])
async def test_when_the_window_is_over_there_is_room_again(client: Client) -> None:
    told = await guess(client, "203.0.113.1", [credentials("ana@example.com", "wrong")] * 5)
    assert [each["__typename"] for each in told[:3]] == [*[WRONG["__typename"]] * 2, REFUSED["__typename"]]
    await asyncio.sleep(told[-1]["retryAfterSeconds"])
    assert await log_in(client, "203.0.113.1", "ana@example.com", "open-sesame-ana") == "LogInSuccess"


async def test_an_address_has_a_hundred_attempts_and_one_of_ipv6_is_its_whole_network(
    client: Client, all_wrong: list[str]
) -> None:
    for number, (address, neighbour, other) in enumerate(
        [
            ("203.0.113.1", "203.0.113.1", "203.0.113.2"),
            ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"),
        ]
    ):
        all_wrong.clear()
        tries = [credentials(f"nobody-{number}-{each}@example.com", "wrong") for each in range(100)]
        assert await guess(client, address, tries) == [WRONG] * 100
        assert await log_in(client, neighbour, "ben@example.com", "open-sesame-ben") == "RateLimitedProblem"
        assert len(all_wrong) == 100
        assert await log_in(client, other, "ben@example.com", "open-sesame-ben") == "InvalidCredentialsProblem"


async def test_changing_the_password_counts_as_signing_in_does(client: Client, verified: list[str]) -> None:
    token = (await sign_in(client, "ana"))["accessToken"]
    sent = {"input": {"currentPassword": "wrong", "newPassword": "another one of hers"}}
    told = [(await client.post(CHANGE, sent, token=token)).json()["data"]["changePassword"] for _ in range(9)]
    assert {each["__typename"] for each in told} == {"InvalidCredentialsProblem"}
    before = await snapshot(client.resources)
    sent["input"]["currentPassword"] = "open-sesame-ana"
    refused = (await client.post(CHANGE, sent, token=token)).json()["data"]["changePassword"]
    assert without_seconds([refused], 900) == [REFUSED]
    assert await log_in(client, "203.0.113.1", "ana@example.com", "open-sesame-ana") == "RateLimitedProblem"
    assert len(verified) == 10
    assert await snapshot(client.resources) == before


@pytest.mark.parametrize("changed", [{"sign_up_per_address": 3}])
async def test_so_many_may_join_from_an_address(client: Client) -> None:
    async def join(number: int) -> str:
        sent = {
            "email": f"eva{number}@example.org",
            "password": "correct horse",
            "handle": f"eva{number}",
            "name": "Eva",
            "device": DEVICE,
        }
        return (await act(client, "SignUp", sent))["__typename"]

    joined = [await join(number) for number in range(3)]
    before = await snapshot(client.resources)
    assert [*joined, await join(3), await join(0)] == ["SignUpSuccess"] * 3 + ["RateLimitedProblem"] * 2
    assert await snapshot(client.resources) == before


@pytest.mark.parametrize("changed", [{"refresh_per_address": 5}])
async def test_so_many_sessions_go_on_from_an_address(client: Client) -> None:
    token = (await sign_in(client, "ana"))["refreshToken"]
    for _ in range(5):
        token = (await act(client, "RefreshSession", {"refreshToken": token}))["session"]["refreshToken"]
    before, query = await snapshot(client.resources), operation("account.graphql", "RefreshSession")
    refused = await client.data(query, {"input": {"refreshToken": token}})
    assert refused == {"refreshSession": REFUSED}
    assert await snapshot(client.resources) == before
    elsewhere = await client.post(query, {"input": {"refreshToken": token}}, **{"X-Forwarded-For": "203.0.113.1"})
    assert elsewhere.json()["data"]["refreshSession"]["__typename"] == "RefreshSessionSuccess"


async def test_what_is_kept_names_nobody(client: Client) -> None:
    asked = list[str]()
    take = client.resources.rate_limiter.take

    async def noted(limits: Any, cost: int = 1, *, strict: bool = False) -> Any:
        asked.extend(key for key, _ in limits)
        return await take(limits, cost, strict=strict)

    client.resources.rate_limiter.take = noted
    await client.data(LOG_IN, {"input": credentials("Ana@example.com", "open-sesame-ana")})
    (index, *_) = client.resources.vault.email_indexes("ana@example.com")
    assert asked == [f"password:account:{index}", "log-in:address:127.0.0.1"]
