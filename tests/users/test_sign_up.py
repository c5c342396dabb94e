"""Tests sign-ups: the written rows, and rejected input."""

import asyncio
from typing import Any

import pytest

from events import PersonJoined, SessionBegan
from services.security.breached_passwords import BREACHED
from services.security.passwords import password_problem
from tests.support.account import DEVICE, act, is_signed_in
from tests.support.client import Client
from tests.support.jobs import rows
from tests.support.kept import events_of, snapshot

GOOD: dict[str, Any] = {
    "email": "Eva@Example.org",
    "password": "a password of her own",
    "handle": "Eva_1",
    "name": "  Eva Lu\u0301cia ",
    "device": DEVICE,
}


async def test_whoever_joins_is_signed_in_and_found_and_can_sign_in_again(client: Client) -> None:
    answer = await act(client, "SignUp", GOOD)
    assert answer["__typename"] == "SignUpSuccess"
    assert (answer["user"]["handle"], answer["user"]["name"]) == ("eva_1", "Eva Lúcia")
    assert await is_signed_in(client, answer["session"]["accessToken"])
    query = "{ viewer { email user { id name postCount followerCount } feed { edges { node { id } } } wallet { id } } }"
    me = (await client.post(query, token=answer["session"]["accessToken"])).json()
    assert me["data"]["viewer"] == {
        "email": "Eva@Example.org",
        "user": {"id": answer["user"]["id"], "name": "Eva Lúcia", "postCount": 0, "followerCount": 0},
        "feed": {"edges": []},
        "wallet": None,
    }
    again = {"email": "eva@example.ORG", "password": GOOD["password"], "device": DEVICE}
    assert (await act(client, "LogIn", again))["user"]["id"] == answer["user"]["id"]
    events = await events_of(client.resources)
    assert [type(event) for event in events] == [PersonJoined, SessionBegan, SessionBegan]


async def test_joining_takes_eight_statements_and_address_and_password_are_kept_sealed(
    client: Client, statements: list[str]
) -> None:
    await act(client, "SignUp", GOOD)
    assert len(statements) == 8, statements
    for row in await rows(client.resources, "credentials"):
        assert b"eva" not in bytes(row["email"]).lower()
        assert GOOD["password"] not in row["password_hash"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "ana"),
        ("email", "ana@"),
        ("email", "@example.com"),
        ("email", "ana@example"),
        ("email", "a b@example.com"),
        ("email", "ana@exa mple.com"),
        ("email", "ana@@example.com"),
        ("email", "ana@-example.com"),
        ("email", "ana@example..com"),
        ("email", f"ana@{'x' * 250}.com"),
        ("email", "nul\0@example.com"),
        ("email", "ana@example.com\nBcc: x@example.com"),
        ("password", "short77"),
        ("password", "x" * 129),
        ("password", "password1"),
        ("password", "PassWord123"),
        ("password", "aaaaaaaaaaaa"),
        ("password", "Eva@Example.org"),
        ("email", "a\u200bb@example.com"),
        ("email", "a\u2800\u3164@example.com"),
        ("handle", "ev"),
        ("handle", "x" * 31),
        ("handle", "eva lu"),
        ("handle", "évaaa"),
        ("handle", "eva-lu"),
        ("handle", "eva\u202e"),
        ("name", ""),
        ("name", " \t"),
        ("name", "x" * 51),
        ("name", "two\nlines"),
        ("name", "right\u202eleft"),
        ("name", "nul\0"),
        ("name", "\u200b"),
        ("name", "\u3164"),
        ("name", "\u2800"),
        ("name", "two\u2028lines"),
    ],
)
async def test_what_is_not_right_is_named_and_nothing_is_made(client: Client, field: str, value: str) -> None:
    sent = {**GOOD, field: value}
    before = await snapshot(client.resources)
    answer = await act(client, "SignUp", sent)
    assert (answer["__typename"], answer["code"], answer["field"]) == (
        "InvalidInputProblem",
        "INVALID_INPUT",
        f"input.{field}",
    )
    assert await snapshot(client.resources) == before


@pytest.mark.parametrize(
    ("field", "value"),
    [("handle", "ana"), ("handle", "ANA"), ("email", "ana@example.com"), ("email", "ANA@example.COM")],
)
async def test_what_somebody_has_already_is_refused_and_nothing_is_made(client: Client, field: str, value: str) -> None:
    before = await snapshot(client.resources)
    answer = await act(client, "SignUp", {**GOOD, field: value})
    assert (answer["__typename"], answer["code"], answer["field"]) == (
        "AlreadyExistsProblem",
        "ALREADY_EXISTS",
        f"input.{field}",
    )
    assert await snapshot(client.resources) == before


async def test_of_many_who_want_the_same_at_once_one_gets_it(client: Client) -> None:
    answers = await asyncio.gather(
        *(act(client, "SignUp", {**GOOD, "email": f"eva{number}@example.org"}) for number in range(6))
    )
    names = sorted(answer["__typename"] for answer in answers)
    assert names == ["AlreadyExistsProblem"] * 5 + ["SignUpSuccess"]


def test_breached_passwords_are_refused_in_any_case() -> None:
    assert len(BREACHED) > 300
    assert all(len(word) >= 8 and word == word.casefold() for word in BREACHED)
    for word in BREACHED:
        assert password_problem(word.upper(), ()) is not None
    assert password_problem("correct horse battery", ("ana@example.com", "ana")) is None
    assert password_problem("🐎" * 4 + "🔋" * 4, ()) is None
