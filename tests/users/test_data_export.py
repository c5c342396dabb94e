"""Tests the export of all data about a user."""

import logging
from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx2 import RemoteProtocolError

from events import DataExportReady, DataExportRequested
from services.users.exports import write
from tests.notifications.support.inbox import Inbox
from tests.support.account import act, sign_in
from tests.support.app import App, ids_of
from tests.support.client import Client, operation
from tests.support.jobs import enqueued, rows, run_due
from tests.support.kept import events_of, snapshot
from tests.support.relay import drained
from tests.support.server import serving
from tests.support.settings_screen import everything_done, settings_act
from workers.handlers import HANDLERS

PASSWORD = {"password": "open-sesame-ana"}
SECTIONS = [
    "account",
    "devices",
    "security",
    "following",
    "followers",
    "blocked",
    "posts",
    "comments",
    "likes",
    "notifications",
    "channels",
    "quietHours",
    "emailPreferences",
    "wallets",
    "walletEntries",
    "payments",
    "paymentMethods",
]


@pytest.fixture
async def token(client: Client) -> str:
    return (await sign_in(client, "ana"))["accessToken"]


async def latest(client: Client, token: str) -> dict[str, Any] | None:
    answer = (await client.post(operation("settings.graphql", "DataExport"), token=token)).json()
    return answer["data"]["viewer"]["dataExport"]


async def exported(client: Client, token: str) -> dict[str, Any]:
    """Returns the exported document."""
    await settings_act(client, "RequestDataExport", PASSWORD, token=token)
    await everything_done(client.resources)
    export = await latest(client, token)
    assert export is not None
    answer = await client.http.get(export["path"], headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert len(answer.content) == export["byteCount"] == int(answer.headers["content-length"])
    assert answer.headers["cache-control"] == "no-store"
    head = await client.http.head(export["path"], headers={"Authorization": f"Bearer {token}"})
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(export["byteCount"]), b"")
    return answer.json()


async def test_it_holds_everything_that_is_kept(client: Client, token: str) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    post_id = await ana.publishes("Written\nby me")
    await ana.does("DeletePost", postId=await ana.publishes("Taken back"))
    of_ben = await ben.publishes("His")
    await ana.comments(of_ben, "To him")
    await ana.does("LikePost", postId=of_ben)
    await act(client, "RegisterPushToken", {"token": "token-of-hers", "provider": "FCM"}, token=token)
    document = await exported(client, token)
    assert list(document) == ["format", "requestedAt", *SECTIONS]
    (account,) = document["account"]
    assert (account["handle"], account["email"], account["name"]) == ("ana", "ana@example.com", "Ana Lima")
    assert document["devices"][-1]["push_token"] == "token-of-hers"
    assert [post["body"] for post in document["posts"][-2:]] == ["Written\nby me", "Taken back"]
    assert document["posts"][-2]["id"] == str(ids_of(post_id).id)
    assert document["posts"][-1]["deleted_at"] is not None
    assert (document["comments"][-1]["under_a_post_of"], document["comments"][-1]["body"]) == ("ben", "To him")
    assert document["likes"][-1]["a_post_of"] == "ben"
    assert {"ben", "chi", "dia"} <= {person["handle"] for person in document["following"]}
    assert document["wallets"][0]["available"] > 0
    assert len(document["payments"]) > 10
    assert document["security"][-1]["kind"] == "DATA_EXPORT_REQUESTED"
    assert document["paymentMethods"][0]["is_default"] in (True, False)


async def test_it_holds_when_each_notification_was_seen_and_read(client: Client, token: str) -> None:
    inbox = Inbox(client)
    told = await inbox.fill(3)
    await inbox.act("MarkNotificationsSeen", told[0])
    await inbox.act("MarkAllNotificationsRead", told[1])
    nodes = (await inbox.nodes())[::-1]
    rows = (await exported(client, token))["notifications"][: len(told)]
    assert [(_time(row["seen_at"]), _time(row["read_at"])) for row in rows] == [
        (_time(node["seenAt"]), _time(node["readAt"])) for node in nodes
    ]
    assert rows[0]["seen_at"] < rows[1]["seen_at"]


def _time(text: str | None) -> datetime | None:
    """Returns an instant in milliseconds, as the API shows it."""
    if text is None:
        return None
    instant = datetime.fromisoformat(text)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


async def test_it_is_the_same_however_it_is_cut(client: Client, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await exported(client, token)
    monkeypatch.setattr(write, "AT_ONCE", 3)
    cut = await exported(client, token)
    later = {"requestedAt", "security", "notifications"}
    assert {name: cut[name] for name in cut if name not in later} == {
        name: whole[name] for name in whole if name not in later
    }
    for name in ("security", "notifications"):
        assert cut[name][: len(whole[name])] == whole[name]


async def test_it_says_how_far_it_is_and_one_is_made_at_a_time(client: Client, token: str) -> None:
    assert await latest(client, token) is None
    first = (await settings_act(client, "RequestDataExport", PASSWORD, token=token))["export"]
    again = (await settings_act(client, "RequestDataExport", PASSWORD, token=token))["export"]
    assert (first["status"], first["path"], first["byteCount"]) == ("PENDING", None, 0)
    assert again == first
    await everything_done(client.resources)
    done = await latest(client, token)
    assert done is not None
    assert (done["id"], done["status"], done["path"]) == (first["id"], "READY", f"/exports/{first['id']}")
    ana, export_id = await client.user_id("ana"), ids_of(first["id"]).id
    events = [event for event in await events_of(client.resources) if "DataExport" in type(event).__name__]
    assert events == [
        DataExportRequested(actor_id=ana, export_id=export_id),
        DataExportReady(actor_id=ana, export_id=export_id),
    ]


async def test_up_to_three_are_made_a_day(client: Client, token: str) -> None:
    for _ in range(3):
        await exported(client, token)
    before = await snapshot(client.resources)
    answer = await settings_act(client, "RequestDataExport", PASSWORD, token=token)
    assert (answer["__typename"], answer["code"]) == ("RateLimitedProblem", "RATE_LIMITED")
    assert await snapshot(client.resources) == before


async def test_a_wrong_password_gets_none(client: Client, token: str) -> None:
    answer = await settings_act(client, "RequestDataExport", {"password": "wrong"}, token=token)
    assert (answer["code"], answer["field"]) == ("INVALID_CREDENTIALS", "input.password")
    assert await rows(client.resources, "data_exports") == []


async def test_nobody_else_fetches_it(client: Client, token: str) -> None:
    await exported(client, token)
    export = await latest(client, token)
    assert export is not None
    for handle, status, code in ((None, 401, "UNAUTHENTICATED"), ("ben", 404, "NOT_FOUND")):
        headers = {"Authorization": f"Bearer {await client.token(handle)}"} if handle else {}
        answer = await client.http.get(export["path"], headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, code)
    for path in ("/exports/nonsense", f"/exports/{(await App(client, 'ana').global_id())}"):
        answer = await client.http.get(path, headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")
    answer = await client.http.get(export["path"], headers={"Authorization": "Bearer forged"})
    assert answer.status_code == 401


async def test_nothing_of_it_can_be_read_in_the_database(client: Client, token: str) -> None:
    await exported(client, token)
    parts = await rows(client.resources, "data_export_parts")
    assert len(parts) == len(SECTIONS)
    assert not any(b"ana@example.com" in bytes(part["content"]) for part in parts)


async def test_it_is_thrown_away_after_a_week(client: Client, token: str) -> None:
    await exported(client, token)
    export = await latest(client, token)
    assert export is not None
    past = client.resources.clock() - timedelta(seconds=1)
    await client.resources.database.fetch("UPDATE data_exports SET expires_at = $1", past)
    assert await latest(client, token) is None
    answer = await client.http.get(export["path"], headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 404
    for number in (1, 2):
        await enqueued(client.resources, number, handler="forget_old")
        await run_due(client.resources, HANDLERS)
    assert await rows(client.resources, "data_export_parts") == await rows(client.resources, "data_exports") == []


async def test_one_whose_owner_has_gone_is_not_made(client: Client, token: str) -> None:
    await settings_act(client, "RequestDataExport", PASSWORD, token=token)
    await drained(client.resources)
    await client.resources.database.fetch("DELETE FROM data_exports")
    await everything_done(client.resources)
    assert await rows(client.resources, "data_export_parts") == []


async def test_one_whose_job_was_set_aside_does_not_keep_another_from_being_made(client: Client, token: str) -> None:
    resources = client.resources
    failed = (await settings_act(client, "RequestDataExport", PASSWORD, token=token))["export"]
    await drained(resources)
    await resources.database.fetch("UPDATE jobs SET attempts = 100 WHERE handler = 'export_data'")
    await run_due(resources, HANDLERS)
    assert [job["handler"] for job in await rows(resources, "dead_jobs")] == ["export_data"]
    again = (await settings_act(client, "RequestDataExport", PASSWORD, token=token))["export"]
    assert (again["status"], again["id"] != failed["id"]) == ("PENDING", True)
    assert (await settings_act(client, "RequestDataExport", PASSWORD, token=token))["export"] == again
    await everything_done(resources)
    done = await latest(client, token)
    assert done is not None
    assert (done["id"], done["status"]) == (again["id"], "READY")


@pytest.mark.parametrize(("hours", "fresh"), [(23, False), (25, True)])
async def test_one_that_is_not_ready_after_a_day_does_not_keep_another_from_being_made(
    client: Client, token: str, hours: int, *, fresh: bool
) -> None:
    first = (await settings_act(client, "RequestDataExport", PASSWORD, token=token))["export"]
    at = client.resources.clock() - timedelta(hours=hours)
    await client.resources.database.fetch("UPDATE data_exports SET requested_at = $1", at)
    again = (await settings_act(client, "RequestDataExport", PASSWORD, token=token))["export"]
    assert (again["id"] != first["id"]) is fresh
    assert len(await rows(client.resources, "data_exports")) == 1 + fresh


async def test_one_that_is_deleted_while_it_is_fetched_ends_the_connection_and_leaves_one_line(
    client: Client, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    await settings_act(client, "RequestDataExport", PASSWORD, token=token)
    await everything_done(client.resources)
    export = await latest(client, token)
    assert export is not None
    await client.resources.database.fetch("DELETE FROM data_export_parts WHERE place >= 3")
    async with serving(client.resources.settings) as server:
        with pytest.raises(RemoteProtocolError), caplog.at_level(logging.INFO):
            await server.http.get(export["path"], headers={"Authorization": f"Bearer {token}"})
        answer = await server.http.get("/livez")
    assert answer.status_code == 200
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [(record.name, record.getMessage()) for record in warnings][:1] == [
        ("gateway.routes.exports", "an export was not sent completely: ExportGone")
    ]
    assert [record.exc_info for record in warnings if record.exc_info] == []


async def test_how_many_statements_it_takes(client: Client, token: str, statements: list[str]) -> None:
    statements.clear()
    await settings_act(client, "RequestDataExport", PASSWORD, token=token)
    assert len(statements) == 6
    statements.clear()
    await latest(client, token)
    assert len(statements) == 1
