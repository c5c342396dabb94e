"""Tests that each account's audit trail is a chain of its own, which only its owner can read."""

from datetime import timedelta
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from core.global_ids import global_id
from core.keys import KeyRing
from core.viewer import Anonymous
from events import PersonJoined, RefreshTokenReused, SessionBegan, SignInRefused
from services.audit import AuditFault, Verification, verify
from services.audit.seals import ZERO_HASH, Seals
from services.resources import Resources
from tests.support.account import DEVICE, act, refresh, sign_in
from tests.support.audit import five_entries, happen, tamper, trail
from tests.support.client import LOG_IN, Client, operation
from tests.support.engines import Engine
from tests.support.jobs import rows
from tests.support.kept import events_of
from tests.support.relay import drained
from tests.users.test_account import change
from tests.users.test_log_in import WRONG, credentials

HISTORY = operation("account.graphql", "SecurityHistory")


async def history(client: Client, token: str, **variables: Any) -> dict[str, Any]:
    answer = (await client.post(HISTORY, variables, token=token)).json()
    assert "errors" not in answer, answer
    return answer["data"]["viewer"]["securityHistory"]


async def faults(resources: Resources) -> list[str]:
    found = Verification(resources.database, resources.seals).faults()
    return [f"{fault.where}: {fault.fault}" async for fault in found]


async def everything_happens(client: Client) -> None:
    """Signs up a user and causes each kind of audit event at least once."""
    sent = {"email": "eve@example.com", "password": "a very long one", "handle": "eve", "name": "Eve", "device": DEVICE}
    first = (await act(client, "SignUp", sent))["session"]
    await client.ask(LOG_IN, credentials(email="eve@example.com", password="wrong"))
    await act(client, "LogIn", credentials(email="eve@example.com", password="a very long one")["input"])
    await change(client, first["accessToken"], "a very long one")
    second = await refresh(client, first["refreshToken"])
    for row in await rows(client.resources, "refresh_families"):
        if row["rotated_at"] is not None:
            await client.resources.database.fetch(
                "UPDATE refresh_families SET rotated_at = $2 WHERE id = $1",
                row["id"],
                row["rotated_at"] - timedelta(minutes=1),
            )
    await refresh(client, first["refreshToken"])
    assert (await refresh(client, second["session"]["refreshToken"]))["code"] == "SESSION_EXPIRED"


async def test_each_event_is_kept_once_also_when_the_log_is_read_twice(client: Client) -> None:
    await everything_happens(client)
    await drained(client.resources)
    eve = await client.user_id("eve")
    written = await trail(client.resources, eve)
    assert [row["kind"] for row in written] == [
        "JOINED",
        "SIGNED_IN",
        "SIGN_IN_REFUSED",
        "SIGNED_IN",
        "PASSWORD_CHANGED",
        "SIGNED_OUT",
        "TOKEN_REUSED",
        "SIGNED_OUT",
    ]
    assert [row["place"] for row in written] == list(range(1, 9))
    assert [row["previous_hash"] for row in written] == [ZERO_HASH, *(row["hash"] for row in written[:-1])]
    heads, totals = await rows(client.resources, "audit_heads"), await rows(client.resources, "audit_totals")
    await client.resources.database.fetch("UPDATE relay_positions SET tx = 0, id = 0")
    await drained(client.resources)
    assert await trail(client.resources, eve) == written
    assert await rows(client.resources, "audit_heads") == heads
    assert await rows(client.resources, "audit_totals") == totals
    assert await faults(client.resources) == []


async def test_chains_grow_by_batches_and_by_people_and_verify(client: Client) -> None:
    people = {handle: await client.user_id(handle) for handle in ("ana", "ben", "chi", "dia")}
    for owner_id in people.values():
        await five_entries(client.resources, owner_id)
    refusals = [SignInRefused(actor_id=owner_id) for owner_id in people.values()]
    await happen(client.resources, *refusals, *refusals)
    for owner_id in people.values():
        assert [row["place"] for row in await trail(client.resources, owner_id)] == list(range(1, 8))
    verification = Verification(client.resources.database, client.resources.seals)
    assert [fault async for fault in verification.faults()] == []
    assert (verification.entries, verification.people) == (28, 4)


async def test_a_verification_reads_pages_of_one_moments_state(
    client: Client, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "PAGE", 2)
    people = [await client.user_id(handle) for handle in ("ana", "ben", "chi")]
    for owner_id in people:
        await five_entries(client.resources, owner_id)
    await tamper(client.resources, f"DELETE FROM audit_entries WHERE owner_id = {people[0]} AND place = 3")
    await client.resources.database.fetch("DELETE FROM audit_entries WHERE owner_id = $1 AND place > 3", people[2])
    verification, found = Verification(client.resources.database, client.resources.seals), list[AuditFault]()
    async for fault in verification.faults():
        if engine.name == "postgres":
            await happen(client.resources, *[SignInRefused(actor_id=owner_id) for owner_id in people[:2]])
        found.append(fault)
    assert set(found) == {
        AuditFault(f"owner {people[0]}  place 3", "missing"),
        AuditFault(f"owner {people[2]}  place 4", "cut off: and all through place 5"),
    }
    assert (verification.entries, verification.people) == (12, 3)


async def test_a_batch_of_many_entries_takes_a_few_statements(resources: Resources, statements: list[str]) -> None:
    await happen(resources, PersonJoined(actor_id=9))
    counts: list[int] = []
    for most in (1, 200):
        statements.clear()
        await happen(resources, *[SessionBegan(actor_id=9, device_id=number) for number in range(1, most + 1)])
        counts.append(len([sql for sql in statements if "audit_" in sql]))
    assert counts == [6, 6]


async def test_changed_entries_and_fewer_of_them_are_refused_by_the_database(client: Client) -> None:
    ana = await client.user_id("ana")
    await five_entries(client.resources, ana)
    before = await trail(client.resources, ana)
    for sql in (
        "UPDATE audit_entries SET kind = 'SIGNED_OUT'",
        "UPDATE audit_entries SET hash = hash WHERE place = 5",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_entries WHERE place = 5",
    ):
        with pytest.raises(IntegrityError, match="audit entries are never changed"):
            await client.resources.database.fetch(sql)
    assert await trail(client.resources, ana) == before


async def test_what_an_earlier_key_has_sealed_still_verifies(client: Client) -> None:
    ana, resources = await client.user_id("ana"), client.resources
    await five_entries(resources, ana)
    old = resources.settings.secret_keys
    rotated = Seals(KeyRing(f"new:{'n' * 32},{old}"))
    (head,) = await rows(resources, "audit_heads")
    assert head["key_id"] == old.partition(":")[0]
    object.__setattr__(resources, "seals", rotated)
    await happen(resources, SignInRefused(actor_id=ana))
    assert [row["key_id"] for row in await trail(resources, ana)] == [head["key_id"]] * 5 + ["new"]
    assert await faults(resources) == []
    object.__setattr__(resources, "seals", Seals(KeyRing(f"new:{'n' * 32}")))
    assert len(await faults(resources)) == 5


async def test_a_wrong_password_is_kept_for_whom_there_is_and_for_nobody_else(
    client: Client, statements: list[str]
) -> None:
    made: list[list[str]] = []
    for email in ("nobody@example.com", "ana@example.com"):
        statements.clear()
        assert await client.ask(LOG_IN, credentials(email=email, password="wrong")) == {"data": {"logIn": WRONG}}
        made.append(list(statements))
    assert made[0] == made[1]
    assert len(made[0]) == 2
    ana = await client.user_id("ana")
    assert await events_of(client.resources) == [
        SignInRefused(actor_id=Anonymous.user_id),
        SignInRefused(actor_id=ana),
    ]
    await drained(client.resources)
    (entry,) = await rows(client.resources, "audit_entries")
    assert (entry["owner_id"], entry["kind"], entry["device_id"]) == (ana, "SIGN_IN_REFUSED", None)
    assert len(await rows(client.resources, "audit_heads")) == 1


async def test_the_person_sees_their_own_newest_first_with_the_devices_that_are_still_there(client: Client) -> None:
    gone, here = await sign_in(client, "ana", "Gone"), await sign_in(client, "ana", "Here")
    await sign_in(client, "ben")
    await act(client, "LogOut", token=gone["accessToken"])
    await drained(client.resources)
    seen = [edge["node"] for edge in (await history(client, here["accessToken"]))["edges"]]
    assert [(node["kind"], node["device"]) for node in seen] == [
        ("SIGNED_OUT", None),
        ("SIGNED_IN", {"id": here["device"]["id"], "name": "Here"}),
        ("SIGNED_IN", None),
    ]
    query = "query ($id: ID!) { node(id: $id) { id ... on SecurityEvent { kind } } }"
    sent = {"id": seen[1]["id"]}
    assert await client.data(query, sent, as_="ana") == {"node": {"id": seen[1]["id"], "kind": "SIGNED_IN"}}
    for stranger in ("ben", None):
        assert await client.data(query, sent, as_=stranger) == {"node": None}
    nothing = global_id("SecurityEvent", await client.user_id("ana"), 1)
    assert await client.data(query, {"id": nothing}, as_="ana") == {"node": None}


async def test_pages_of_the_history_follow_each_other_and_cursors_are_the_persons_own(client: Client) -> None:
    for handle in ("ana", "ben"):
        await five_entries(client.resources, await client.user_id(handle))
    token, seen, after = await client.token("ana"), list[str](), None
    while True:
        page = await history(client, token, first=2, after=after)
        seen += [edge["node"]["kind"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ["SIGN_IN_REFUSED", "PASSWORD_CHANGED", "SIGN_IN_REFUSED", "SIGNED_IN", "SIGNED_IN"]
    answer = await client.ask(HISTORY, {"after": after}, as_="ben")
    assert answer["data"]["viewer"]["securityHistory"] is None
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_history_of_a_fresh_account_is_empty_and_devices_are_read_at_once(
    client: Client, statements: list[str]
) -> None:
    session = await sign_in(client, "ana")
    assert (await history(client, session["accessToken"]))["edges"] == []
    ana = await client.user_id("ana")
    reused = [RefreshTokenReused(actor_id=ana, device_id=number) for number in range(1, 31)]
    await happen(client.resources, *reused)
    for first in (1, 30):
        statements.clear()
        assert len((await history(client, session["accessToken"], first=first))["edges"]) == first
        assert len(statements) == 2, statements
