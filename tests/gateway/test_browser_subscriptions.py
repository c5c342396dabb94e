"""Subscriptions of GraphiQL in Chromium: they follow the signed-in user, stop, show errors, and resume."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.async_api import Page, expect

from core.global_ids import global_id
from services.event_log.event_streams import RowKey
from tests.chaos.proxy import Proxy
from tests.gateway.test_browser import MODEL, WRITE_VARIABLES, shown
from tests.gateway.test_browser_operations import chooses
from tests.support.app import App
from tests.support.browser import Visit, chromium, visiting
from tests.support.client import Client
from tests.support.engines import SqliteEngine
from tests.support.followers import Following
from tests.support.server import Server, serving
from tests.support.timing import settings_for, until

CONNECT_TO = """address => new Promise(resolve => {
    document.addEventListener('securitypolicyviolation', event => resolve(event.effectiveDirective), {once: true})
    new WebSocket(address, 'graphql-transport-ws').onopen = () => resolve('opened')
})"""
VARIABLES = f"{MODEL.format('variables')}.getValue()"


class Watching(NamedTuple):
    """A page in a browser, the server behind a proxy, and ben, whom ana follows."""

    visit: Visit
    proxy: Proxy
    following: Following
    ben: App

    @property
    def page(self) -> Page:
        return self.visit.page

    @property
    def server(self) -> Server:
        return self.following.server

    async def publishes(self, body: str) -> None:
        await self.ben.publishes(body)
        await self.following.project()

    async def starts(self) -> None:
        """Runs the open tab, and waits until the server follows the events."""
        await self.page.get_by_role("button", name="Execute query").click()
        await until(lambda: self.server.resources.streams.idle)

    async def is_followed_by(self, handle: str) -> None:
        """Waits until the server follows the events of this user and of no other."""
        user_id = await self.following.client.user_id(handle)
        streams = self.server.resources.streams
        await until(lambda: streams.idle and streams._subscribers.streams() == [RowKey(user_id, user_id)])

    async def loses_connection(self) -> None:
        """Cuts all connections. New ones receive nothing until the proxy talks."""
        self.proxy.silence()
        self.proxy.cut()
        await until(lambda: not self.server.resources.streams.idle)

    async def ended(self) -> None:
        """The page and the server have ended the subscription."""
        await expect(self.page.get_by_role("button", name="Execute query")).to_be_visible()
        await until(lambda: not self.server.resources.streams.idle)

    async def receives(self, body: str) -> Any:
        """Waits until the page shows an event with a post, and returns the event."""
        return (await shown(self.page, f'"body": "{body}"'))["data"]["viewerEvents"]["event"]


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[SqliteEngine]:
    chromium()
    engine = SqliteEngine(tmp_path_factory.mktemp("sqlite"))
    await engine.open()
    yield engine
    await engine.close()


@asynccontextmanager
async def watching(world: SqliteEngine, folder: Path) -> AsyncGenerator[Watching]:
    """The page, before a seeded server that projects events when a test asks it to."""
    async with world.copy() as url, serving(settings_for(url)) as server:
        host, port = server.address.split(":")
        async with Proxy(host, int(port)).running() as proxy:
            address = f"http://127.0.0.1:{proxy.port}"
            async with visiting(address, folder / "profile") as visit:
                following = Following(server, Client(server.http, server.resources))
                await visit.page.goto(f"{address}/graphql")
                await expect(visit.page.locator(".graphiql-query-editor .view-lines")).to_contain_text("Home")
                await expect(visit.page.locator(".graphiql-response .monaco-editor")).to_be_visible()
                yield Watching(visit, proxy, following, App(following.client, "ben"))
                assert visit.elsewhere == []


async def signs_in(page: Page, handle: str, name: str) -> None:
    await page.locator(".bff-account-button").click()
    await page.get_by_role("menuitem", name=f"Sign in as {handle}").click()
    await expect(page.get_by_text(f"Signed in as {name}")).to_be_visible()


async def signs_out(page: Page) -> None:
    await page.locator(".bff-account-button").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


async def writes(page: Page, variables: Any) -> None:
    text = json.dumps(variables)
    await page.evaluate(WRITE_VARIABLES, text)
    await expect(page.locator(".graphiql-editor-tool .view-lines").first).to_contain_text(text[-12:-2])


async def code_shown(page: Page, code: str) -> list[str]:
    """Returns the codes of the errors that are shown."""
    return [error["extensions"]["code"] for error in (await shown(page, f'"code": "{code}"'))["errors"]]


async def test_a_subscription_follows_the_user_who_signed_in_and_stops(world: SqliteEngine, tmp_path: Path) -> None:
    async with watching(world, tmp_path) as watched:
        page = watched.page
        await signs_in(page, "ana", "Ana Lima")
        await chooses(page, "ViewerEvents")
        await watched.starts()
        await watched.publishes("First")
        assert (await watched.receives("First"))["__typename"] == "FeedPostPublished"
        await page.get_by_role("button", name="Stop query").click()
        await watched.ended()
        await watched.publishes("Second")
        await chooses(page, "PostEvents")
        await watched.starts()
        await watched.ben.comments(json.loads(await page.evaluate(VARIABLES))["postId"])
        await watched.following.project()
        await shown(page, '"__typename": "PostChanged"')
        await page.get_by_role("button", name="Stop query").click()
        await watched.ended()
        await chooses(page, "ViewerEvents")
        await watched.receives("First")
        assert watched.visit.sockets == [f"ws://127.0.0.1:{watched.proxy.port}/graphql"] * 2
        assert watched.visit.errors == []


async def test_a_subscription_continues_as_the_user_who_signs_in(world: SqliteEngine, tmp_path: Path) -> None:
    """After the sign-out, the server rejects it."""
    async with watching(world, tmp_path) as watched:
        page = watched.page
        await chooses(page, "ViewerEvents")
        await page.get_by_role("button", name="Execute query").click()
        assert await code_shown(page, "UNAUTHENTICATED") == ["UNAUTHENTICATED"]
        await page.get_by_role("note").get_by_role("button", name="Sign in as ana").click()
        await watched.is_followed_by("ana")
        await watched.publishes("To ana")
        await watched.receives("To ana")
        await signs_in(page, "ben", "Ben Okafor")
        await watched.is_followed_by("ben")
        await watched.publishes("To ben")
        await watched.receives("To ben")
        await signs_out(page)
        assert await code_shown(page, "UNAUTHENTICATED") == ["UNAUTHENTICATED"]
        await watched.ended()
        assert len(watched.visit.sockets) == 4
        assert watched.visit.errors == []


async def test_a_lost_connection_is_named_and_missed_events_come_when_it_is_back(
    world: SqliteEngine, tmp_path: Path
) -> None:
    async with watching(world, tmp_path) as watched:
        page, status = watched.page, watched.page.get_by_role("status").filter(has_text="no connection to the server")
        await signs_in(page, "ana", "Ana Lima")
        await chooses(page, "ViewerEvents")
        await watched.starts()
        await watched.loses_connection()
        await expect(status).to_contain_text("it has no cursor, so events until then are missed")
        watched.proxy.talk()
        await expect(status).to_have_count(0)
        await until(lambda: watched.server.resources.streams.idle)
        await watched.publishes("First")
        await watched.receives("First")
        await watched.loses_connection()
        await expect(status).to_contain_text("the subscription resumes after its last event")
        await watched.publishes("Second")
        watched.proxy.talk()
        await watched.receives("Second")
        await expect(status).to_have_count(0)


async def test_errors_of_a_subscription_are_shown(world: SqliteEngine, tmp_path: Path) -> None:
    async with watching(world, tmp_path) as watched:
        page = watched.page
        await signs_in(page, "ana", "Ana Lima")
        await chooses(page, "ViewerEvents")
        await writes(page, {"after": "not a cursor"})
        await page.get_by_role("button", name="Execute query").click()
        assert await code_shown(page, "BAD_USER_INPUT") == ["BAD_USER_INPUT"]
        await chooses(page, "PostEvents")
        await writes(page, {"postId": global_id("Post", 1, 1)})
        await page.get_by_role("button", name="Execute query").click()
        assert await code_shown(page, "NOT_FOUND") == ["NOT_FOUND"]
        await watched.ended()
        assert watched.visit.errors == []


async def test_a_revoked_device_is_told_why_its_subscription_ended(world: SqliteEngine, tmp_path: Path) -> None:
    async with watching(world, tmp_path) as watched:
        page = watched.page
        await signs_in(page, "ana", "Ana Lima")
        await chooses(page, "ViewerEvents")
        await watched.starts()
        (device,) = await watched.server.resources.database.fetch("SELECT id FROM devices ORDER BY id DESC LIMIT 1")
        watched.server.revoke(device["id"])
        answer = await shown(page, "closeCode")
        assert answer == {"errors": [{"message": "The access token is no longer valid", "closeCode": 4403}]}
        await watched.ended()
        assert len(watched.visit.sockets) == 1


async def test_the_page_may_open_websockets_to_its_own_origin_only(world: SqliteEngine, tmp_path: Path) -> None:
    async with watching(world, tmp_path) as watched:
        own = f"ws://127.0.0.1:{watched.proxy.port}/graphql"
        assert await watched.page.evaluate(CONNECT_TO, own) == "opened"
        for other in (watched.server.websocket_url, "wss://other.example/graphql"):
            assert await watched.page.evaluate(CONNECT_TO, other) == "connect-src"
