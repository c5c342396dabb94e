import asyncio
import hashlib
import logging
import statistics
import time
import unicodedata
from typing import Any

import pytest
from argon2 import PasswordHasher

from adapters.rate_limits import Decision
from core.errors import Overloaded
from core.ids import id_at
from services.maintenance.seed.world import NOW
from services.security.passwords import Passwords, hash_password, is_outdated
from tests.support.account import act
from tests.support.client import HOME, LOG_IN, Client

DEVICE = {"name": "Ana's phone", "platform": "IOS", "appVersion": "4.2.0"}
WRONG = {
    "__typename": "InvalidCredentialsProblem",
    "code": "INVALID_CREDENTIALS",
    "message": "The e-mail address or the password is wrong.",
    "field": None,
}


def credentials(email: str = "ana@example.com", password: str = "open-sesame-ana", **device: Any) -> dict[str, Any]:
    return {"input": {"email": email, "password": password, "device": {**DEVICE, **device}}}


async def written(client: Client, table: str) -> list[dict[str, Any]]:
    """Returns the rows that are newer than the seeded data."""
    return await client.resources.database.fetch(f"SELECT * FROM {table} WHERE id > $1", id_at(NOW))


async def rows_written(client: Client) -> tuple[int, int]:
    return len(await written(client, "devices")), len(await written(client, "refresh_families"))


async def test_signing_in_opens_the_home_screen(client: Client) -> None:
    answer = (await client.data(LOG_IN, credentials()))["logIn"]
    assert answer["__typename"] == "LogInSuccess"
    assert answer["user"]["handle"] == "ana"
    assert answer["session"]["device"]["name"] == "Ana's phone"
    assert answer["session"]["device"]["platform"] == "IOS"
    home = (await client.post(HOME, token=answer["session"]["accessToken"])).json()
    assert home["data"]["viewer"]["user"] == {
        **answer["user"],
        "avatarUrl": home["data"]["viewer"]["user"]["avatarUrl"],
    }
    assert "errors" not in home


async def test_signing_in_keeps_a_device_and_the_hash_of_its_refresh_token(client: Client) -> None:
    answer = (await client.data(LOG_IN, credentials(locale="pt-PT", timeZone="Europe/Lisbon")))["logIn"]
    (device,) = await written(client, "devices")
    (family,) = await written(client, "refresh_families")
    assert (device["name"], device["locale"], device["time_zone"]) == ("Ana's phone", "pt-PT", "Europe/Lisbon")
    assert family["device_id"] == device["id"]
    assert family["token_hash"] == hashlib.sha256(answer["session"]["refreshToken"].encode()).digest()
    assert (family["expires_at"] - family["created_at"]).days == client.resources.settings.refresh_token_days


async def test_signing_in_takes_six_statements(client: Client, statements: list[str]) -> None:
    for _ in range(2):
        statements.clear()
        await client.data(LOG_IN, credentials())
        assert len(statements) == 6, statements


@pytest.mark.parametrize("email", ["ANA@Example.com", "  ana@example.com "])
async def test_letter_case_and_space_around_an_address_make_no_difference(client: Client, email: str) -> None:
    assert (await client.data(LOG_IN, credentials(email)))["logIn"]["__typename"] == "LogInSuccess"


@pytest.mark.parametrize(
    "wrong",
    [
        credentials(password="open-sesame-ben"),
        credentials(password=""),
        credentials(password="open-sesame-ana" + "x" * 1000),
        credentials(password="open-sesame-ana\0"),
        credentials(email="nobody@example.com"),
        credentials(email=""),
        credentials(email="ana\0@example.com"),
        credentials(email="not an address"),
    ],
)
async def test_wrong_credentials_get_one_answer_and_change_nothing(client: Client, wrong: dict[str, Any]) -> None:
    assert await client.ask(LOG_IN, wrong) == {"data": {"logIn": WRONG}}
    assert await rows_written(client) == (0, 0)


async def test_a_password_that_is_too_long_is_not_the_password_it_begins_with(client: Client) -> None:
    resources = client.resources
    password = "p" * 128
    await resources.database.fetch("UPDATE credentials SET password_hash = $1", hash_password(password))
    assert (await client.data(LOG_IN, credentials(password=password)))["logIn"]["__typename"] == "LogInSuccess"
    assert await client.ask(LOG_IN, credentials(password=password + "p")) == {"data": {"logIn": WRONG}}


async def test_an_unknown_person_takes_as_long_as_a_wrong_password(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def admitted(*_: Any, **__: Any) -> Decision:
        return Decision(admitted=True)

    async def seconds(variables: dict[str, Any]) -> float:
        started = time.process_time()
        answer = await client.ask(LOG_IN, variables)
        passed = time.process_time() - started
        assert answer == {"data": {"logIn": WRONG}}
        return passed

    monkeypatch.setattr(client.resources.rate_limiter, "take", admitted)
    known, unknown = credentials(password="wrong"), credentials(email="nobody@example.com")
    await seconds(known)
    await seconds(unknown)
    ratios = [await seconds(unknown) / await seconds(known) for _ in range(21)]
    assert 0.8 < statistics.median(ratios) < 1.25


async def test_two_sign_ins_of_one_request_are_two_units_of_work(client: Client) -> None:
    query = """
    mutation ($right: LogInInput!, $wrong: LogInInput!) {
      right: logIn(input: $right) { __typename }
      wrong: logIn(input: $wrong) { __typename }
    }
    """
    variables = {"right": credentials()["input"], "wrong": credentials(password="no")["input"]}
    assert await client.data(query, variables) == {
        "right": {"__typename": "LogInSuccess"},
        "wrong": {"__typename": "InvalidCredentialsProblem"},
    }
    assert await rows_written(client) == (1, 1)


async def test_a_password_changed_while_it_is_checked_opens_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = client.resources.passwords.verify

    async def verify_slowly(password_hash: str | None, password: str) -> bool:
        right = await verify(password_hash, password)
        await client.resources.database.fetch("UPDATE credentials SET password_hash = 'changed'")
        return right

    monkeypatch.setattr(client.resources.passwords, "verify", verify_slowly)
    assert await client.ask(LOG_IN, credentials()) == {"data": {"logIn": WRONG}}
    assert await rows_written(client) == (0, 0)


async def test_everybody_gets_in_who_signs_in_while_their_hash_is_renewed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them check the outdated hash before the first one renews it."""
    outdated = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("open-sesame-ana")
    await client.resources.database.fetch("UPDATE credentials SET password_hash = $1", outdated)
    verify, barrier, waited = client.resources.passwords.verify, asyncio.Barrier(4), 0

    async def verify_together(password_hash: str | None, password: str) -> bool:
        nonlocal waited
        right = await verify(password_hash, password)
        if waited < 4:
            waited += 1
            await barrier.wait()
        return right

    monkeypatch.setattr(client.resources.passwords, "verify", verify_together)
    answers = await asyncio.gather(*(client.data(LOG_IN, credentials()) for _ in range(4)))
    assert [answer["logIn"]["__typename"] for answer in answers] == ["LogInSuccess"] * 4
    (row,) = await client.resources.database.fetch(
        "SELECT password_hash FROM credentials WHERE user_id = $1", await client.user_id("ana")
    )
    assert not is_outdated(row["password_hash"])


@pytest.mark.parametrize("email", ["rene\u0301@example.com", "RENÉ@example.com", " René@example.com"])
async def test_how_an_accent_is_encoded_makes_no_difference(client: Client, email: str) -> None:
    joining = {"password": "a long password", "handle": "rene", "name": "R", "device": DEVICE}
    assert (await act(client, "SignUp", {**joining, "email": "rene\u0301@example.com"}))[
        "__typename"
    ] == "SignUpSuccess"
    again = {"email": email, "password": "a long password", "device": DEVICE}
    assert (await act(client, "LogIn", again))["__typename"] == "LogInSuccess"
    taken = await act(client, "SignUp", {**joining, "email": email, "handle": "rene2"})
    assert (taken["code"], taken["field"]) == ("ALREADY_EXISTS", "input.email")


async def test_a_password_is_as_long_as_its_letters_however_they_are_encoded(client: Client) -> None:
    """Tests a password whose decomposed form has twice as many code points."""
    password = "éàü" * 40
    joining = {"email": "long@example.com", "handle": "long_one", "name": "L", "device": DEVICE}
    decomposed = unicodedata.normalize("NFD", password)
    assert (await act(client, "SignUp", {**joining, "password": decomposed}))["__typename"] == "SignUpSuccess"
    for sent in (password, decomposed):
        again = {"email": "long@example.com", "password": sent, "device": DEVICE}
        assert (await act(client, "LogIn", again))["__typename"] == "LogInSuccess"
    for sent in (password + "x" * 9, decomposed + "x" * 1000):
        again = {"email": "long@example.com", "password": sent, "device": DEVICE}
        assert (await act(client, "LogIn", again))["code"] == "INVALID_CREDENTIALS"


async def test_signing_in_is_logged_with_ids_alone(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        await client.data(LOG_IN, credentials())
    (record,) = [record for record in caplog.records if record.message == "signed in"]
    assert record.__dict__["user_id"] == await client.user_id("ana")
    for text in ("ana@example.com", "open-sesame", "Ana's phone"):
        assert text not in caplog.text


async def test_addresses_are_not_readable_in_the_database(client: Client) -> None:
    tables = ("users", "credentials", "email_addresses")
    everything = [
        str(row) for table in tables for row in await client.resources.database.fetch(f"SELECT * FROM {table}")
    ]
    assert everything
    assert not [row for row in everything if "example.com'" in row and "@" in row]
    (row,) = await client.resources.database.fetch(
        "SELECT email FROM credentials WHERE user_id = $1", await client.user_id("ana")
    )
    assert client.resources.vault.open(await client.user_id("ana"), row["email"]) == "ana@example.com"


async def test_more_sign_ins_than_can_wait_are_turned_away() -> None:
    passwords = Passwords(1)
    passwords._free_places = 0
    with pytest.raises(Overloaded):
        await passwords.verify(None, "password")
    passwords.close()
