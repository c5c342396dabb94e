"""Tests that deleting an account leaves only the data that has to stay."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from events import AccountDeleted, AccountErased, PasswordRefused
from services.users.erasure.own import NEEDED_BY_RELAYS, OWN_TABLES
from tests.support.account import DEVICE, act, is_signed_in, sign_in
from tests.support.app import App, ids_of
from tests.support.client import Client, operation
from tests.support.kept import TABLES, events_of, snapshot
from tests.support.recount import recounted, shown
from tests.support.settings_screen import delete_account, everything_done, settings_act

CANARY = "canary7391"
PASSWORD = "long and canary7391"

KEPT = {
    "audit_entries": "the trail outlives the account; it contains no names",
    "audit_heads": "as above",
    "blocks": "rows of others hide what the erased user did before",
    "event_log": "ids and numbers, forgotten with the rest of the log",
    "notification_facts": "as notifications",
    "notifications": "belong to others; their actor no longer exists",
    "ledger_entries": "money is never forgotten",
    "payments": "as above, without the note",
    "payment_parties": "as above",
    "open_payments": "until the payment is settled",
    "payment_differences": "an operator has to look at them",
    "provider_payments": "the provider may report a chargeback after months",
    "relay_positions": "an id of an event",
    "revoked_devices": "until the last access token has ended",
    "stream_entries": "others were told that something is gone",
    "wallets": "the sum of the ledger's entries",
}
"""Tables in which an erased person's id may stand, and why."""


AT_ONCE = {"users", "handles", "credentials", "email_addresses"}
AFTER_THEIR_ENTRIES = {"streams"}
AS_IF_TAKEN_BACK = {"follows", "blocks", "posts", "payment_methods"}
OF_NOBODY = {
    "app_documents",
    "audit_totals",
    "dead_events",
    "discarded_events",
    "document_revisions",
    "heartbeats",
    "job_schedules",
    "key_holders",
    "key_states",
    "jobs",
    "provider_events",
    "trusted_documents",
    "usage_counts",
    "usage_days",
    "usage_shapes",
}


class Person(NamedTuple):
    """Holds a user with rows in every table."""

    handle: str
    user_id: int
    token: str
    post_id: str


@pytest.fixture
async def person(client: Client) -> Person:
    """Signs up a user with rows in every table, marked with `CANARY`."""
    joining = {"email": f"{CANARY}@example.com", "password": PASSWORD, "handle": CANARY, "name": f"N {CANARY}"}
    session = (await act(client, "SignUp", {**joining, "device": {**DEVICE, "name": CANARY}}))["session"]
    token = session["accessToken"]
    profile = {"bio": CANARY, "avatarUrl": f"https://pictures.example.com/{CANARY}.jpg"}
    await act(client, "UpdateProfile", profile, token=token)
    await act(client, "RegisterPushToken", {"token": CANARY, "provider": "APNS"}, token=token)
    them, ana, ben, chi = (App(client, handle) for handle in (CANARY, "ana", "ben", "chi"))
    kept, gone = await them.publishes(f"One {CANARY}"), await them.publishes(f"Two {CANARY}")
    await them.does("PublishPost", body=f"Three {CANARY}", idempotencyKey=f"key-{CANARY}")
    await them.does("DeletePost", postId=gone)
    of_ana = await ana.publishes("Hers")
    await them.comments(of_ana, f"Mine {CANARY}")
    await them.does("DeleteComment", commentId=await them.comments(of_ana, f"Gone {CANARY}"))
    await them.comments(kept, f"Own {CANARY}")
    await them.does("LikePost", postId=of_ana)
    await ana.does("LikePost", postId=kept)
    await ana.comments(kept, "Hello you")
    for one, other in ((them, ana), (ana, them), (ben, them)):
        await one.does("FollowUser", userId=await other.global_id())
    await them.does("BlockUser", userId=await chi.global_id())
    await everything_done(client.resources)
    user_id = await client.user_id(CANARY)
    await _money(client, user_id)
    return Person(CANARY, user_id, token, kept)


async def _money(client: Client, user_id: int) -> None:
    fetch, now, ana = client.resources.database.fetch, client.resources.clock(), await client.user_id("ana")
    payment_id = client.resources.ids.next()
    await fetch(
        "INSERT INTO payments (owner_id, id, kind, status, amount, refunded_amount, currency, note, created_at, "
        "updated_at, sealed_at) VALUES ($1, $2, 'TRANSFER', 'SUCCEEDED', 5, 0, 'EUR', $3, $4, $4, $4)",
        user_id,
        payment_id,
        f"For {CANARY}",
        now,
    )
    for owner, other, direction in ((user_id, ana, "OUT"), (ana, user_id, "IN")):
        await fetch(
            "INSERT INTO payment_parties VALUES ($1, $2, $3, $4, $5)", owner, payment_id, user_id, direction, other
        )
    await fetch(
        "INSERT INTO payment_methods (owner_id, id, provider_reference, brand, last_four, is_default, created_at) "
        "VALUES ($1, $2, $3, 'VISA', '4242', true, $4)",
        user_id,
        client.resources.ids.next(),
        CANARY,
        now,
    )
    await fetch(
        "INSERT INTO wallets (owner_id, id, currency, available, pending, created_at) VALUES ($1, $2, 'EUR', 0, 0, $3)",
        user_id,
        client.resources.ids.next(),
        now,
    )
    await fetch("INSERT INTO quiet_hours VALUES ($1, 0, 60, 'Europe/Lisbon')", user_id)
    await fetch("INSERT INTO email_preferences VALUES ($1, 'WEEKLY')", user_id)
    await fetch("INSERT INTO notification_digests VALUES ($1, 1, 'SENT', 1, $2)", user_id, now)
    await fetch("INSERT INTO channel_preferences VALUES ($1, 'LIKE', true, true, true)", user_id)
    await fetch("INSERT INTO inbox_marks VALUES ($1, 'SEEN', 1, $2)", user_id, now)


async def counts_are_right(client: Client) -> None:
    expected = await recounted(client)
    assert await shown(client, list(expected)) == expected


async def tables_with(client: Client, marks: tuple[str, int]) -> dict[str, list[dict[str, Any]]]:
    """Tables with rows in which one of these stands, also the tables behind SQLite's full text."""
    text, number = marks
    found: dict[str, list[dict[str, Any]]] = {}
    for table in await _all_tables(client):
        rows = await client.resources.database.fetch(f'SELECT * FROM "{table}"')
        hits = [row for row in rows if text.encode() in _bytes(row) or number in row.values()]
        if hits:
            found[table] = hits
    return found


async def _all_tables(client: Client) -> list[str]:
    if client.resources.settings.database_url.startswith("postgres"):
        return TABLES
    rows = await client.resources.database.fetch("SELECT name FROM sqlite_master WHERE type = 'table'")
    return sorted(row["name"] for row in rows)


def _bytes(row: dict[str, Any]) -> bytes:
    return b"\0".join(bytes(value) if isinstance(value, bytes) else str(value).encode() for value in row.values())


def test_of_every_table_it_is_decided_what_becomes_of_its_rows() -> None:
    erased = {*OWN_TABLES, *NEEDED_BY_RELAYS, *AT_ONCE, *AFTER_THEIR_ENTRIES, *AS_IF_TAKEN_BACK}
    assert set(TABLES) == {*erased, *KEPT, *OF_NOBODY}


async def test_after_erasure_a_person_is_found_nowhere_but_where_ids_have_to_stay(
    client: Client, person: Person
) -> None:
    before = await tables_with(client, (CANARY, person.user_id))
    assert before.keys() >= {"users", "posts", "comments", "payments", "payment_methods", "idempotency_keys", "devices"}
    assert (await settings_act(client, "RequestDataExport", {"password": PASSWORD}, token=person.token))["export"]
    await everything_done(client.resources)
    assert (await delete_account(client, person.token, PASSWORD))["__typename"] == "DeleteAccountSuccess"
    await everything_done(client.resources)
    left = await tables_with(client, (CANARY, person.user_id))
    assert left.keys() <= KEPT.keys(), left.keys() - KEPT.keys()
    assert not [table for table, rows in left.items() if any(CANARY.encode() in _bytes(row) for row in rows)]
    of_others = left["notifications"] + left["notification_facts"] + left["stream_entries"]
    assert person.user_id not in [row["owner_id"] for row in of_others]
    events = await events_of(client.resources)
    assert AccountDeleted(actor_id=person.user_id) in events
    assert events[-1] == AccountErased(actor_id=person.user_id)
    await counts_are_right(client)


async def test_the_file_of_sqlite_does_not_hold_it_either(client: Client, person: Person) -> None:
    url = client.resources.settings.database_url
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL's files are the cluster's; autovacuum clears what is deleted")
    await delete_account(client, person.token, PASSWORD)
    await everything_done(client.resources)
    await client.resources.database.fetch("PRAGMA wal_checkpoint(TRUNCATE)")
    assert CANARY.encode() not in _read(url.removeprefix("sqlite://"))


def _read(path: str) -> bytes:
    """Reads the database file and its write-ahead log."""
    return Path(path).read_bytes() + Path(f"{path}-wal").read_bytes()


async def test_at_once_nobody_sees_them_and_nobody_signs_in_as_them(client: Client, person: Person) -> None:
    session = await act(client, "LogIn", {"email": f"{CANARY}@example.com", "password": PASSWORD, "device": DEVICE})
    second = session["session"]["accessToken"]
    assert (await delete_account(client, person.token, PASSWORD))["userId"]
    assert [await is_signed_in(client, token) for token in (person.token, second)] == [False, False]
    ana = App(client, "ana")
    query = "query ($handle: String!, $post: ID!) { user(handle: $handle) { id } node(id: $post) { id } }"
    assert await client.data(query, {"handle": CANARY, "post": person.post_id}, as_="ana") == {
        "user": None,
        "node": None,
    }
    assert person.post_id not in await ana.feed()
    sent = {"email": f"{CANARY}@example.com", "password": PASSWORD, "device": DEVICE}
    assert (await act(client, "LogIn", sent))["__typename"] == "InvalidCredentialsProblem"


async def test_handle_and_address_are_free_for_somebody_new(client: Client, person: Person) -> None:
    await delete_account(client, person.token, PASSWORD)
    joining = {"email": f"{CANARY}@example.com", "password": PASSWORD, "handle": CANARY, "name": "Somebody new"}
    answer = await act(client, "SignUp", {**joining, "device": DEVICE})
    assert answer["__typename"] == "SignUpSuccess"
    await everything_done(client.resources)
    fresh = await client.user_id(CANARY)
    assert fresh != person.user_id
    assert await is_signed_in(client, answer["session"]["accessToken"])


async def test_what_others_have_of_them_is_anonymous(client: Client, person: Person) -> None:
    await delete_account(client, person.token, PASSWORD)
    await everything_done(client.resources)
    query = (
        "{ viewer { payments(first: 1) { edges { node { note amount { minorUnits } counterparty { handle } } } } "
        "notifications(first: 100) { edges { node { kind text actor { handle } } } } } "
        'user(handle: "ana") { followerCount followingCount } }'
    )
    data = await client.data(query, as_="ana")
    (payment,) = [edge["node"] for edge in data["viewer"]["payments"]["edges"]]
    assert payment == {"note": None, "amount": {"minorUnits": "5"}, "counterparty": None}
    told = [edge["node"] for edge in data["viewer"]["notifications"]["edges"]]
    assert [node["kind"] for node in told[:3]] == ["FOLLOW", "LIKE", "COMMENT"]
    assert [node["actor"] for node in told[:3]] == [None, None, None]


@pytest.mark.parametrize("password", ["wrong", "", "x" * 200])
async def test_a_wrong_password_is_noted_and_changes_nothing_else(client: Client, password: str) -> None:
    session = await sign_in(client, "ana")
    before = await snapshot(client.resources)
    answer = await delete_account(client, session["accessToken"], password)
    assert (answer["code"], answer["field"]) == ("INVALID_CREDENTIALS", "input.password")
    after = await snapshot(client.resources)
    assert {table for table in after if after[table] != before[table]} == {"event_log"}
    device_id = ids_of(session["device"]["id"]).id
    refused = PasswordRefused(actor_id=await client.user_id("ana"), device_id=device_id)
    assert (await events_of(client.resources))[-1] == refused
    await everything_done(client.resources)
    history = await client.post(operation("account.graphql", "SecurityHistory"), token=session["accessToken"])
    newest = history.json()["data"]["viewer"]["securityHistory"]["edges"][0]["node"]
    assert (newest["kind"], newest["device"]["name"]) == ("PASSWORD_REFUSED", "A phone")


async def test_money_is_not_lost_without_saying_so(client: Client) -> None:
    session = await sign_in(client, "ana")
    before = await snapshot(client.resources)
    answer = await delete_account(client, session["accessToken"], "open-sesame-ana")
    assert (answer["code"], answer["field"]) == ("INVALID_INPUT", "input.giveUpBalance")
    assert await snapshot(client.resources) == before
    answer = await delete_account(client, session["accessToken"], "open-sesame-ana", giveUpBalance=True)
    assert answer["__typename"] == "DeleteAccountSuccess"
    await everything_done(client.resources)
    await counts_are_right(client)


async def test_nobody_who_is_not_signed_in_deletes_anything(client: Client) -> None:
    before = await snapshot(client.resources)
    sent = {"input": {"password": "open-sesame-ana"}}
    for name in ("DeleteAccount", "RequestDataExport"):
        answer = await client.ask(operation("settings.graphql", name), sent)
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await snapshot(client.resources) == before


async def test_how_many_statements_it_takes(client: Client, person: Person, statements: list[str]) -> None:
    statements.clear()
    await delete_account(client, person.token, PASSWORD)
    assert len(statements) == 11
