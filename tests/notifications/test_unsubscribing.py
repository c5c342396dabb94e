"""The link of a mail turns off e-mails, without a session."""

import asyncio
import logging
from typing import Any

import pytest

from core.settings import Settings
from events import NotificationPreferencesUpdated
from models.notifications import ALWAYS_SENT
from tests.support.client import Client
from tests.support.deliveries import add_notification, deliver
from tests.support.digests import DUE, TUESDAY, ready_for_digests, told, with_mail, works
from tests.support.kept import events_of, snapshot
from tests.support.mail_server import MailServer
from tests.support.server import serving
from tests.support.unsubscribing import EMAILS, FORM, mailed_kinds, one_click, path_of

DEFAULT = {"PAYMENT_FAILED", "REFUND", "SECURITY"}


@pytest.fixture
def settings(settings: Settings, server: MailServer) -> Settings:
    return with_mail(settings, server)


@pytest.fixture
async def ben(client: Client) -> int:
    user_id = await ready_for_digests(client, "ben")
    await client.resources.database.fetch("DELETE FROM email_preferences")
    return user_id


async def link(client: Client, ben: int, server: MailServer, kind: str = "REFUND") -> str:
    """Returns the path of the link in a mail that the server got."""
    await add_notification(client.resources, ben, kind)
    await deliver(client.resources)
    return path_of(server.mails[-1])


@pytest.mark.parametrize("kind", sorted(DEFAULT))
async def test_one_click_turns_off_the_mails_of_a_kind(
    client: Client, settings: Settings, ben: int, server: MailServer, kind: str
) -> None:
    path = await link(client, ben, server, kind)
    async with serving(settings) as real:
        answer = await one_click(real.http, path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert answer.text.startswith("You no longer receive e-mails of this kind: ")
    assert await mailed_kinds(client, "ben") == DEFAULT - {kind}
    assert await events_of(client.resources) == [NotificationPreferencesUpdated(actor_id=ben)]
    for told_kind in sorted(DEFAULT):
        await add_notification(client.resources, ben, told_kind)
    await deliver(client.resources)
    assert len(server.mails) == 1 + len(DEFAULT) - 1, "only those of other kinds follow"


async def test_one_click_in_a_digest_turns_off_all_mails_that_digests_contain(
    client: Client, settings: Settings, ben: int, server: MailServer
) -> None:
    await ready_for_digests(client, "ben")
    await told(client.resources, ben, TUESDAY)
    await works(client.resources, DUE)
    (mail,) = server.mails
    async with serving(settings) as real:
        assert (await one_click(real.http, path_of(mail))).status_code == 200
    assert await mailed_kinds(client, "ben") == ALWAYS_SENT.keys()
    for kind in sorted(DEFAULT - ALWAYS_SENT.keys()):
        await told(client.resources, ben, DUE, kind)
    await works(client.resources, DUE.replace(day=3))
    assert len(server.mails) == 1


async def test_other_channels_and_other_users_stay(client: Client, ben: int, server: MailServer) -> None:
    others = {handle: await client.data(EMAILS, as_=handle) for handle in ("ana", "chi")}
    chosen = "INSERT INTO channel_preferences VALUES ($1, 'REFUND', false, false, true)"
    await client.resources.database.fetch(chosen, ben)
    await one_click(client.http, await link(client, ben, server))
    channels = (await client.data(EMAILS, as_="ben"))["viewer"]["notificationPreferences"]["channels"]
    assert {"kind": "REFUND", "inApp": False, "push": False, "email": False} in channels
    assert {handle: await client.data(EMAILS, as_=handle) for handle in others} == others


async def test_a_repeated_request_changes_nothing(client: Client, ben: int, server: MailServer) -> None:
    path = await link(client, ben, server)
    answers = await asyncio.gather(*(one_click(client.http, path) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {200}
    assert await events_of(client.resources) == [NotificationPreferencesUpdated(actor_id=ben)]
    before = await snapshot(client.resources)
    assert (await one_click(client.http, path)).text == answers[0].text
    assert await snapshot(client.resources) == before


async def test_a_scanner_that_follows_the_link_changes_nothing(client: Client, ben: int, server: MailServer) -> None:
    path, before = await link(client, ben, server), await snapshot(client.resources)
    for method in ("GET", "HEAD"):
        assert (await client.http.request(method, path)).status_code == 200
    assert (await client.http.put(path, data=FORM)).status_code == 405
    assert await snapshot(client.resources) == before


async def test_both_encodings_of_forms_are_accepted(client: Client, ben: int, server: MailServer) -> None:
    path = await link(client, ben, server)
    assert await mailed_kinds(client, "ben") == DEFAULT, "this response may be stored, and is outdated below"
    parts = {"List-Unsubscribe": (None, "One-Click")}
    assert (await client.http.post(path, files=parts)).status_code == 200
    assert await mailed_kinds(client, "ben") == DEFAULT - {"REFUND"}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (415, {}),
        (415, {"json": FORM}),
        (415, {"content": "List-Unsubscribe=One-Click", "headers": {"Content-Type": "text/plain"}}),
        (400, {"data": {"List-Unsubscribe": "no"}}),
        (400, {"data": {"list-unsubscribe": "One-Click"}}),
        (400, {"data": {"List-Unsubscribe": ["One-Click", "One-Click"]}}),
        (400, {"files": {"List-Unsubscribe": ("name", b"One-Click")}}),
        (400, {"content": "x", "headers": {"Content-Type": "multipart/form-data"}}),
        (400, {"content": "x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}),
        (413, {"data": {**FORM, "more": "x" * 5000}}),
    ],
)
async def test_another_body_is_rejected_and_changes_nothing(
    client: Client, ben: int, server: MailServer, status: int, body: dict[str, Any]
) -> None:
    path, before = await link(client, ben, server), await snapshot(client.resources)
    answer = await client.http.post(path, **body)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, "BAD_REQUEST")
    assert await snapshot(client.resources) == before


async def test_an_invalid_link_and_that_of_a_deleted_account_look_the_same(
    client: Client, ben: int, server: MailServer
) -> None:
    path = await link(client, ben, server)
    await client.resources.database.fetch("DELETE FROM users WHERE id = $1", ben)
    before, answers = await snapshot(client.resources), set[tuple[int, str]]()
    other = client.resources.unsubscribe_tokens.issue(ben, "UNKNOWN")
    for wrong in (path, path[:-1], f"{path}A", "/unsubscribe/x", f"/unsubscribe/{'A' * 5000}", f"/unsubscribe/{other}"):
        for answer in (await client.http.get(wrong), await one_click(client.http, wrong)):
            answers.add((answer.status_code, answer.text))
    assert answers == {(404, "This link is not valid. You can choose your e-mails in the settings of the app.\n")}
    assert await snapshot(client.resources) == before


async def test_a_request_takes_a_few_statements(
    client: Client, ben: int, server: MailServer, statements: list[str]
) -> None:
    path, taken = await link(client, ben, server), list[int]()
    for ask in (client.http.get(path), one_click(client.http, path), one_click(client.http, path)):
        statements.clear()
        await ask
        taken.append(len(statements))
    assert taken == [1, 3, 2], "the account; the account, the channel and the log. Repeated, nothing is logged."
    statements.clear()
    await one_click(client.http, f"{path}A")
    assert statements == []


async def test_no_log_contains_a_token(
    client: Client, settings: Settings, ben: int, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    path = await link(client, ben, server)
    token = path.removeprefix("/unsubscribe/")
    with caplog.at_level(logging.DEBUG):
        async with serving(settings) as real:
            for url in (path, f"/prefix{path}", f"{path}A", f"{path}/more", f"{path}?a=b"):
                await real.http.get(url)
                await one_click(real.http, url)
            await real.http.post(path, content=b"x")
    lines = [record for record in caplog.records if record.name == "gateway.requests"]
    assert {vars(record)["path"] for record in lines} == {"/unsubscribe/", "/prefix/unsubscribe/"}
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert [record for record in ours if token in f"{record.getMessage()} {vars(record)}"] == []


async def test_the_same_form_does_not_reach_graphql(client: Client) -> None:
    before = await snapshot(client.resources)
    answer = await client.http.post("/graphql", data={**FORM, "query": "mutation { logOut { __typename } }"})
    assert answer.status_code in (400, 415)
    assert await snapshot(client.resources) == before


async def test_without_a_public_address_mails_have_no_link(
    client: Client, ben: int, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(client.resources.settings.__dict__, "public_url", "")
    await add_notification(client.resources, ben, "REFUND")
    await deliver(client.resources)
    (mail,) = server.mails
    assert [name for name in mail if name.startswith("List-")] == []
    assert "unsubscribe" not in mail.as_string()
