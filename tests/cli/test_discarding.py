"""`bff events discard`: an operator discards dead letters permanently, with a reason."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from core.global_ids import global_id
from events import PasswordChanged, SessionBegan
from services.audit import Verification
from services.event_log.log import partition_of
from services.relay import discard_event, measure_lag
from services.relay.leases import lock_partition
from services.resources import Resources
from services.unit_of_work import unit_of_work
from tests.cli.test_events import create_dead_letters
from tests.conftest import ENGINES
from tests.relay.test_foreign import BLOCKED
from tests.support.account import sign_in
from tests.support.audit import trail
from tests.support.client import Client
from tests.support.commands import call_bff
from tests.support.jobs import rows
from tests.support.relay import drained
from tests.support.timing import no_hang
from tests.users.test_audit import history

REASON = "a bug wrote it twice; ticket 4711"


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def events(client: Client) -> Run:
    """Runs `bff events`. Returns its exit status and output."""

    def run(*arguments: str) -> tuple[int, str, str]:
        done = call_bff("events", *arguments, BFF_DATABASE_URL=client.resources.settings.database_url)
        return done.returncode, done.stdout, done.stderr

    return run


def consequence_of(dead: dict[str, Any], owner_id: int) -> str:
    return (
        f"event {dead['id']} PasswordChanged ({dead['occurred_at']:%Y-%m-%dT%H:%M:%SZ}, account {owner_id}) "
        "will never be projected:\n"
        "  feeds, inboxes, streams and folded counts will not contain it\n"
        "  the audit trail of the account will lack the entry PASSWORD_CHANGED\n"
    )


async def poisoned(resources: Resources, owner_id: int) -> int:
    """Returns the id of an event for the owner's audit trail that cannot be read."""
    async with unit_of_work(resources) as work:
        work.emit(PasswordChanged(actor_id=owner_id))
    await resources.database.fetch("UPDATE event_log SET version = 0 WHERE type = 'PasswordChanged'")
    await drained(resources)
    await resources.database.fetch("UPDATE dead_events SET version = 1")
    (dead,) = await rows(resources, "dead_events")
    return dead["id"]


async def test_losses_are_printed_and_nothing_is_discarded_before_an_operator_confirms(
    client: Client, events: Run
) -> None:
    resources, ana = client.resources, await client.user_id("ana")
    event_id = await poisoned(resources, ana)
    (dead,) = await rows(resources, "dead_events")
    consequence, before = consequence_of(dead, ana), await trail(resources, ana)
    without_reason = "bff: --reason: give a reason, in one line of up to 500 characters; nothing was discarded\n"
    unconfirmed = "bff: nothing was discarded; repeat the command with --yes to discard permanently\n"
    assert events("discard", str(event_id)) == (1, consequence, without_reason)
    assert events("discard", str(event_id), "--yes", "--reason", " \n") == (1, consequence, without_reason)
    assert events("discard", str(event_id), "--reason", REASON) == (1, consequence, unconfirmed)
    assert events("discard") == (1, "", "bff: give the id of one event to discard\n")
    assert events("discarded") == (0, "nothing was discarded\n", "")
    assert await rows(resources, "dead_events") == [dead]
    assert (await rows(resources, "discarded_events"), await trail(resources, ana)) == ([], before)


async def test_losses_include_the_jobs_that_are_not_created(client: Client, events: Run) -> None:
    ana = await client.user_id("ana")
    event_id = await poisoned(client.resources, ana)
    await client.resources.database.fetch("UPDATE dead_events SET type = 'AccountDeleted'")
    shown = events("discard", str(event_id))[1].splitlines()
    assert shown[-2:] == [
        "  the audit trail of the account will lack the entry ACCOUNT_DELETED",
        "  the job erase_account will not be created or done",
    ]


async def test_a_poisoned_event_is_discarded_with_a_reason_and_never_projected(client: Client, events: Run) -> None:
    resources, ana = client.resources, await client.user_id("ana")
    event_id = await poisoned(resources, ana)
    (dead,) = await rows(resources, "dead_events")
    discarded = events("discard", str(event_id), "--reason", REASON, "--yes")
    assert discarded == (0, f"{consequence_of(dead, ana)}discarded: {event_id}\n", "")
    assert await rows(resources, "dead_events") == []
    (stored,) = await rows(resources, "discarded_events")
    assert (stored["owner_id"], stored["event_id"], stored["type"], stored["handler"]) == (
        ana,
        event_id,
        "PasswordChanged",
        "",
    )
    assert (stored["reason"], stored["occurred_at"]) == (REASON, dead["occurred_at"])
    written = await trail(resources, ana)
    assert [(row["kind"], row["event_id"], row["device_id"]) for row in written] == [
        ("EVENT_DISCARDED", stored["id"], None)
    ]
    nothing = f"bff: {event_id}: there is no dead letter of this event"
    assert events("replay", str(event_id)) == (1, "", f"{nothing}\n")
    unknown = (1, "", f"{nothing}; 'bff events dead' lists them\n")
    assert events("discard", str(event_id), "--reason", REASON, "--yes") == unknown
    assert await drained(resources) == []
    assert (await measure_lag(resources.database, resources.clock()))[1:3] == (0, 0)
    assert await trail(resources, ana) == written
    told = f"event  {event_id}  PasswordChanged  {stored['discarded_at']:%Y-%m-%dT%H:%M:%SZ}  {REASON}\n"
    assert events("discarded") == (0, told, "")


async def test_the_trail_goes_on_behind_a_discarded_event_and_its_owner_sees_their_own_doing(client: Client) -> None:
    resources, ana = client.resources, await client.user_id("ana")
    await discard_event(resources, await poisoned(resources, ana), REASON)
    async with unit_of_work(resources) as work:
        work.emit(SessionBegan(actor_id=ana, device_id=7))
    await drained(resources)
    assert [row["kind"] for row in await trail(resources, ana)] == ["EVENT_DISCARDED", "SIGNED_IN"]
    verification = Verification(resources.database, resources.seals)
    assert [fault async for fault in verification.faults()] == []
    (stored,) = await rows(resources, "discarded_events")
    token = (await sign_in(client, "ana"))["accessToken"]
    assert [edge["node"]["kind"] for edge in (await history(client, token))["edges"]] == ["SIGNED_IN"]
    for row in await trail(resources, ana):
        sent = {"id": global_id("SecurityEvent", ana, row["event_id"])}
        node = (await client.post("query($id: ID!) { node(id: $id) { id } }", sent, token=token)).json()
        assert node == {"data": {"node": None if row["event_id"] == stored["id"] else sent}}


async def test_a_dead_job_is_discarded(client: Client, events: Run) -> None:
    resources = client.resources
    event_id, job_event_id = await create_dead_letters(resources)
    (dead,) = await rows(resources, "dead_jobs")
    consequence = (
        f"job forget_old of event {job_event_id} ({dead['created_at']:%Y-%m-%dT%H:%M:%SZ}, account 7) "
        "will never be done\n"
    )
    discarded = events("discard", str(job_event_id), "--reason", REASON, "--yes")
    assert discarded == (0, f"{consequence}discarded: {job_event_id}\n", "")
    assert [row["id"] for row in await rows(resources, "dead_events")] == [event_id]
    assert (await rows(resources, "dead_jobs"), await rows(resources, "jobs")) == ([], [])
    (stored,) = await rows(resources, "discarded_events")
    assert (stored["owner_id"], stored["event_id"], stored["handler"], stored["type"]) == (
        7,
        job_event_id,
        "forget_old",
        "",
    )
    assert [row["kind"] for row in await trail(resources, 7)] == ["EVENT_DISCARDED"]
    unreadable = events("discard", str(event_id), "--reason", REASON, "--yes")
    assert unreadable[0] == 0
    assert "PostPublished" in unreadable[1]
    assert [row["kind"] for row in await trail(resources, 1)] == ["EVENT_DISCARDED"]


@pytest.mark.parametrize("action", ["discard", "replay"])
@pytest.mark.parametrize("text", ["0", "9223372036854775808", "1.5", "²"])
def test_what_is_no_id_is_refused_in_one_line(events: Run, action: str, text: str) -> None:
    status, output, errors = events(action, text)
    assert (status, output) == (2, "")
    assert errors.endswith(f"error: argument ID: {text!r} is not the id of an event; 'bff events dead' lists them\n")


@pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_job_that_becomes_a_dead_letter_meanwhile_is_not_discarded(client: Client) -> None:
    database = client.resources.database
    insert = "INSERT INTO dead_jobs VALUES (7, 11, $1, 1, '{}', 'why', $2, $2)"
    await database.fetch(insert, "one", client.resources.clock())
    async with no_hang():
        async with database.transaction() as relay:
            await lock_partition(relay, partition_of(7))
            discarding = asyncio.create_task(discard_event(client.resources, 11, REASON))
            while not await database.fetch(BLOCKED):
                assert not discarding.done()
            await database.fetch(insert, "other", client.resources.clock())
        assert [loss.handler for loss in await discarding] == ["one"]
    assert [row["handler"] for row in await rows(client.resources, "dead_jobs")] == ["other"]
