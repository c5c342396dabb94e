"""Sessions go on: each refresh token is good once, a lost answer can be repeated, and a stolen token ends it."""

import asyncio
from datetime import timedelta

import pytest

from core.keys import KeyRing
from events import RefreshTokenReused, SessionBegan, SessionEnded
from services.security.refresh_tokens import RefreshTokens
from tests.support.account import act, devices_of, is_signed_in, refresh, sign_in
from tests.support.client import Client
from tests.support.jobs import rows
from tests.support.kept import events_of

KEYS = "dev:not-a-secret-for-development-only-0000"
OTHER = "other:another-secret-of-more-than-32-bytes-0000"
ENDED = {
    "__typename": "SessionExpiredProblem",
    "code": "SESSION_EXPIRED",
    "message": "The session has ended. Sign in again.",
    "field": "input.refreshToken",
}


async def later(client: Client, seconds: float) -> None:
    """Lets time pass for the sessions that there are."""
    for column in ("rotated_at", "expires_at"):
        for row in await rows(client.resources, "refresh_families"):
            if row[column] is not None:
                at = row[column] - timedelta(seconds=seconds)
                await client.resources.database.fetch(
                    f"UPDATE refresh_families SET {column} = $2 WHERE id = $1", row["id"], at
                )


async def test_a_session_goes_on_with_new_tokens_on_the_same_device(client: Client, statements: list[str]) -> None:
    session = await sign_in(client, "ana")
    statements.clear()
    answer = await refresh(client, session["refreshToken"])
    assert len(statements) == 4, statements
    assert answer["__typename"] == "RefreshSessionSuccess"
    fresh = answer["session"]
    assert fresh["device"] == session["device"]
    assert fresh["refreshToken"] != session["refreshToken"]
    assert await is_signed_in(client, fresh["accessToken"])
    (family,) = await rows(client.resources, "refresh_families")
    assert session["refreshToken"].encode() not in bytes(family["token_hash"])
    again = await refresh(client, fresh["refreshToken"])
    assert again["session"]["refreshToken"] not in (session["refreshToken"], fresh["refreshToken"])


async def test_whoever_repeats_a_request_whose_answer_was_lost_gets_the_same_token(client: Client) -> None:
    session = await sign_in(client, "ana")
    first = await refresh(client, session["refreshToken"])
    await later(client, 9)
    second = await refresh(client, session["refreshToken"])
    assert second["session"]["refreshToken"] == first["session"]["refreshToken"]
    assert (await refresh(client, second["session"]["refreshToken"]))["__typename"] == "RefreshSessionSuccess"


@pytest.mark.parametrize("exchanges", [1, 2, 5])
async def test_a_token_that_is_used_again_later_ends_the_session_and_is_recorded(
    client: Client, exchanges: int
) -> None:
    session = await sign_in(client, "ana")
    token = session["refreshToken"]
    for _ in range(exchanges):
        token = (await refresh(client, token))["session"]["refreshToken"]
    await later(client, 11)
    assert await refresh(client, session["refreshToken"]) == ENDED
    assert await refresh(client, token) == ENDED
    assert not await is_signed_in(client, session["accessToken"])
    kinds = [type(event) for event in await events_of(client.resources)]
    assert kinds == [SessionBegan, RefreshTokenReused, SessionEnded]


async def test_one_that_is_older_than_the_last_ends_the_session_at_once(client: Client) -> None:
    session = await sign_in(client, "ana")
    second = (await refresh(client, session["refreshToken"]))["session"]["refreshToken"]
    third = (await refresh(client, second))["session"]["refreshToken"]
    assert await refresh(client, session["refreshToken"]) == ENDED
    assert await refresh(client, third) == ENDED


async def test_two_that_refresh_at_once_leave_one_living_session_and_no_logout(client: Client) -> None:
    for _ in range(5):
        session = await sign_in(client, "ana")
        answers = await asyncio.gather(*(refresh(client, session["refreshToken"]) for _ in range(4)))
        tokens = {answer["session"]["refreshToken"] for answer in answers}
        assert len(tokens) == 1
        assert (await refresh(client, tokens.pop()))["__typename"] == "RefreshSessionSuccess"
    living = [row for row in await rows(client.resources, "refresh_families") if row["ended_at"] is None]
    assert len(living) == 5


async def test_what_we_never_made_ends_nothing_and_costs_no_statement(client: Client, statements: list[str]) -> None:
    session = await sign_in(client, "ana")
    good = session["refreshToken"]
    others = RefreshTokens(KeyRing(OTHER))
    statements.clear()
    forged = [
        "",
        "x",
        "é" * 76,
        good[:-2] + "AA",
        "A" + good[1:],
        good + "=",
        good.replace("=", ""),
        "A" * 100_000,
        others.first(1, 2),
        session["accessToken"],
    ]
    for text in forged:
        if text != good:
            assert await refresh(client, text) == ENDED, text
    assert statements == []
    assert (await refresh(client, good))["__typename"] == "RefreshSessionSuccess"


async def test_a_session_ends_when_it_is_not_used_for_long_and_goes_on_when_it_is(client: Client) -> None:
    days = client.resources.settings.refresh_token_days
    session = await sign_in(client, "ana")
    await later(client, (days - 1) * 86400)
    answer = await refresh(client, session["refreshToken"])
    assert answer["__typename"] == "RefreshSessionSuccess"
    await later(client, (days - 1) * 86400)
    answer = await refresh(client, answer["session"]["refreshToken"])
    assert answer["__typename"] == "RefreshSessionSuccess"
    await later(client, (days + 1) * 86400)
    assert await refresh(client, answer["session"]["refreshToken"]) == ENDED


async def test_an_access_token_that_has_ended_or_is_wrong_makes_no_difference(client: Client) -> None:
    session = await sign_in(client, "ana")
    answer = await act(client, "RefreshSession", {"refreshToken": session["refreshToken"]}, token="not.a.token")
    assert answer["__typename"] == "RefreshSessionSuccess"


async def test_other_sessions_of_the_person_are_not_touched(client: Client) -> None:
    here, there = await sign_in(client, "ana", "Here"), await sign_in(client, "ana", "There")
    await refresh(client, here["refreshToken"])
    await later(client, 11)
    assert await refresh(client, here["refreshToken"]) == ENDED
    assert (await refresh(client, there["refreshToken"]))["__typename"] == "RefreshSessionSuccess"
    names = await devices_of(client, there["accessToken"])
    assert "There*" in names
    assert "Here" not in names


def test_successors_follow_from_the_token_under_each_key() -> None:
    old, rotated = RefreshTokens(KeyRing(KEYS)), RefreshTokens(KeyRing(f"{OTHER},{KEYS}"))
    token = old.first(7, 9)
    presented = old.read(token)
    assert presented is not None
    assert (presented.owner_id, presented.family_id) == (7, 9)
    (successor,) = old.successors(presented)
    assert rotated.successors(presented)[1] == successor
    assert rotated.read(token) == presented
    assert rotated.read(successor) is not None
    fresh = rotated.first(7, 9)
    assert old.read(fresh) is None
