"""Nothing that a person is, has written or uses to sign in stands in a log."""

import io
import logging
from collections.abc import Generator

import pytest

from core.telemetry import configure_logging
from tests.support.account import DEVICE, act, refresh
from tests.support.app import App
from tests.support.client import Client, operation
from tests.support.settings_screen import delete_account, everything_done, settings_act

CANARY = "canary7391"
PASSWORD = f"long and {CANARY}"
EMAIL = f"{CANARY}@example.com"


@pytest.fixture
def log() -> Generator[io.StringIO]:
    """Collects the log of a server at level DEBUG."""
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    stream = io.StringIO()
    configure_logging("DEBUG", stream)
    for of_the_tests in ("httpx2", "httpcore2"):
        logging.getLogger(of_the_tests).setLevel(logging.WARNING)
    yield stream
    root.level, root.handlers[:] = before


async def joined(client: Client) -> dict[str, str]:
    joining = {"email": EMAIL, "password": PASSWORD, "handle": CANARY, "name": CANARY}
    return (await act(client, "SignUp", {**joining, "device": {**DEVICE, "name": CANARY}}))["session"]


async def test_what_an_app_does_leaves_nothing_personal_in_the_log(client: Client, log: io.StringIO) -> None:
    session = await joined(client)
    token = session["accessToken"]
    await act(client, "UpdateProfile", {"bio": CANARY, "avatarUrl": f"https://example.com/{CANARY}"}, token=token)
    await act(client, "RegisterPushToken", {"token": CANARY, "provider": "FCM"}, token=token)
    them = App(client, CANARY)
    await them.comments(await them.publishes(f"One {CANARY}"), f"On it {CANARY}")
    await act(client, "LogIn", {"email": EMAIL, "password": f"wrong {CANARY}", "device": DEVICE})
    await act(
        client, "SignUp", {"email": EMAIL, "password": PASSWORD, "handle": "other", "name": "O", "device": DEVICE}
    )
    renewed = (await refresh(client, session["refreshToken"]))["session"]
    await client.data("query ($q: String!) { search(query: $q) { edges { node { __typename } } } }", {"q": CANARY})
    await client.data(f'{{ user(handle: "{CANARY}") {{ id }} }}')
    await client.post(f"{{ {CANARY} }}", token=token)
    await client.http.get("/graphql", params={"query": f'{{ user(handle: "{CANARY}") {{ id }} }}'})
    await settings_act(client, "RequestDataExport", {"password": PASSWORD}, token=token)
    await everything_done(client.resources)
    await delete_account(client, token, f"wrong {CANARY}")
    await delete_account(client, token, PASSWORD)
    await everything_done(client.resources)
    written = log.getvalue()
    assert written.count('"message":"request"') > 10
    for secret in (CANARY, token, session["refreshToken"], renewed["refreshToken"], renewed["accessToken"]):
        assert secret not in written


async def test_nor_does_what_a_database_refuses(client: Client, log: io.StringIO) -> None:
    await joined(client)
    fetch = client.resources.database.fetch
    if client.resources.settings.database_url.startswith("postgres"):
        await fetch(f"ALTER TABLE posts ADD CONSTRAINT no_bird CHECK (body NOT LIKE '%{CANARY}%')")
    else:
        await fetch("DROP TABLE posts_text")
    sent = {"input": {"body": f"One {CANARY}"}}
    answer = await client.ask(operation("feed.graphql", "PublishPost"), sent, as_=CANARY)
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    written = log.getvalue()
    assert '"level":"ERROR"' in written
    assert "in publish_post" in written
    assert CANARY not in written
