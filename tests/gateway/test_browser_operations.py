"""The list of operations, tabs, ways to sign in, and a phone's width: GraphiQL in Chromium."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from httpx2 import AsyncClient
from playwright.async_api import Locator, Page, Route, expect

from tests.cli.test_commands import bff, serving
from tests.gateway.test_browser import runs, shown
from tests.support.browser import Visit, chromium, visiting

TABS = ".graphiql-tab-button"
WITHIN = """element => {
    const box = element.getBoundingClientRect()
    const strip = element.closest('.graphiql-tabs').getBoundingClientRect()
    return box.left >= strip.left - 1 && box.right <= strip.right + 1 && strip.right <= innerWidth
}"""
IS_IN_VIEW = """element => {
    const {left, right, top, bottom, width, height} = element.getBoundingClientRect()
    return left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight && width > 0 && height > 0
}"""
SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture(scope="module")
async def dev(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[AsyncClient]:
    chromium()
    async with serving("dev", folder=tmp_path_factory.mktemp("dev")) as http:
        yield http


@asynccontextmanager
async def opened(http: AsyncClient, folder: Path) -> AsyncGenerator[Visit]:
    """The page, in a browser that has never seen it; nothing goes wrong meanwhile."""
    async with visiting(str(http.base_url).rstrip("/"), folder / "profile") as visit:
        await visit.page.goto(str(http.base_url.join("/graphql")))
        await expect(visit.page.locator(".graphiql-query-editor .view-lines")).to_contain_text("Home")
        await expect(visit.page.locator(".graphiql-response .monaco-editor")).to_be_visible()
        yield visit
        assert (visit.elsewhere, visit.errors) == ([], [])


async def settled(visit: Visit) -> None:
    """All that the page has asked for is there: a reload would abort what is not, which counts as an error.

    The browser requests a font when it first draws a letter of it, so all fonts are loaded here.
    """
    await visit.page.evaluate("() => Promise.all([...document.fonts].map(font => font.load()))")
    for request in visit.requests:
        response = await request.response()
        if response is not None:
            await response.finished()


def listed(page: Page) -> Locator:
    return page.get_by_role("region", name="Operations", exact=True)


async def chooses(page: Page, name: str) -> None:
    await listed(page).get_by_title(re.compile(f" {name}$")).click()
    await expect(page.locator(".graphiql-tab-active .graphiql-tab-button")).to_have_text(name)


async def shows_active_tab(page: Page, name: str) -> None:
    await expect(page.locator(".graphiql-tab-active .graphiql-tab-button")).to_have_text(name)
    handle = await page.locator(".graphiql-tab-active").element_handle()
    await page.wait_for_function(WITHIN, arg=handle)


async def test_operations_are_in_a_list_and_open_in_tabs_with_variables_that_work(
    dev: AsyncClient, tmp_path: Path
) -> None:
    async with opened(dev, tmp_path) as visit:
        page = visit.page
        tabs = page.locator(TABS)
        await expect(tabs).to_have_text(["Home"])
        groups = listed(page).get_by_role("group")
        names = ["home", "account", "feed", "live", "notifications", "payments", "settings"]
        assert [await each.get_attribute("aria-label") for each in await groups.all()] == names
        await expect(listed(page).get_by_role("listitem")).to_have_count(47)
        await page.get_by_role("note").get_by_role("button", name="Sign in as ana").click()
        await expect(page.get_by_text("Signed in as Ana Lima")).to_be_visible()
        await chooses(page, "EditPost")
        assert (await runs(page, "EditPostSuccess"))["data"]["editPost"]["post"]["body"] == "Hello from GraphiQL"
        await chooses(page, "Home")
        await chooses(page, "EditPost")
        await expect(tabs).to_have_text(["Home", "EditPost"])
        await page.get_by_role("button", name="New tab").click()
        await chooses(page, "RefreshSession")
        await expect(tabs).to_have_text(["Home", "EditPost", "RefreshSession"])
        await expect(page.get_by_role("region", name="Variables")).to_contain_text("// The newest refresh token")
        await listed(page).get_by_role("searchbox").fill("walletscreen")
        await expect(listed(page).get_by_role("listitem")).to_have_text(["WalletScreen"])
        await listed(page).get_by_role("searchbox").fill("nothing")
        await expect(listed(page).get_by_role("status")).to_have_text("No operation has this name.")


async def test_operations_can_be_chosen_once_the_editors_are_loaded(dev: AsyncClient, tmp_path: Path) -> None:
    async with visiting(str(dev.base_url).rstrip("/"), tmp_path / "profile") as visit:
        page, loading = visit.page, asyncio.Event()

        async def wait(route: Route) -> None:
            await loading.wait()
            await route.fallback()

        await page.route("**/monaco-editor-*", wait)
        await page.goto(str(dev.base_url.join("/graphql")), wait_until="commit")
        buttons = listed(page).get_by_role("listitem").get_by_role("button")
        await expect(buttons.first).to_be_disabled()
        await expect(page.get_by_role("note").get_by_role("button")).to_be_disabled()
        loading.set()
        await chooses(page, "Search")
        await expect(page.locator(TABS)).to_have_text(["Home", "Search"])
        assert (visit.elsewhere, visit.errors) == ([], [])


async def test_the_active_tab_is_in_sight_when_it_is_new_and_after_a_reload(dev: AsyncClient, tmp_path: Path) -> None:
    async with opened(dev, tmp_path) as visit:
        page, strip = visit.page, visit.page.locator(".graphiql-tabs")
        await expect(strip).not_to_have_class(re.compile("bff-more"))
        for name in ("SignUp", "Devices", "RegisterPushToken", "SecurityHistory", "UpdateProfile", "PublishPost"):
            await chooses(page, name)
            await shows_active_tab(page, name)
        await expect(strip).to_have_class(re.compile("bff-more-before"))
        await expect(strip).not_to_have_class(re.compile("bff-more-after"))
        await page.get_by_role("button", name="New tab").click()
        await shows_active_tab(page, "<untitled>")
        await expect(page.get_by_role("button", name="New tab")).to_be_in_viewport()
        await chooses(page, "PublishPost")
        await page.wait_for_function("() => JSON.parse(localStorage['graphiql:tabState']).activeTabIndex === 6")
        await settled(visit)
        await page.reload()
        await shows_active_tab(page, "PublishPost")
        await expect(page.locator(".graphiql-query-editor")).to_contain_text("mutation PublishPost")
        await page.locator(TABS).first.evaluate("tab => tab.click()")
        await shows_active_tab(page, "Home")
        await expect(strip).to_have_class(re.compile("bff-more-after"))


async def test_a_visitor_is_told_how_to_sign_in_and_a_query_runs_again(dev: AsyncClient, tmp_path: Path) -> None:
    async with opened(dev, tmp_path) as visit:
        page, note = visit.page, visit.page.get_by_role("note")
        assert await runs(page, '"viewer": null') == {"data": {"viewer": None}}
        await expect(note).to_contain_text("You are not signed in, so viewer is null.")
        await note.get_by_role("button", name="Sign in as ana").click()
        assert (await shown(page, '"handle": "ana"'))["data"]["viewer"]["user"]["name"] == "Ana Lima"
        await expect(note).to_have_count(0)
        await page.get_by_role("button", name="Signed in as Ana Lima").click()
        await page.get_by_role("menuitem", name="Sign out").click()
        await chooses(page, "PublishPost")
        await note.get_by_role("button", name="Sign in as ana").click()
        await expect(note).to_have_count(0)
        sent = [json.loads(request.post_data or "{}") for request in visit.requests if request.method == "POST"]
        assert [each["operationName"] for each in sent if each["operationName"] == "PublishPost"] == []


async def test_where_nobody_can_be_signed_in_by_a_click_the_page_says_where_the_token_goes(tmp_path: Path) -> None:
    chromium()
    environment = {"BFF_DATABASE_URL": "sqlite://bff.sqlite3"}
    assert bff("migrate", folder=tmp_path, **environment).returncode == 0
    async with (
        serving("serve", folder=tmp_path, environment=environment) as http,
        opened(http, tmp_path) as visit,
    ):
        page, note = visit.page, visit.page.get_by_role("note")
        await expect(note).to_contain_text('{"Authorization": "Bearer …"}')
        await note.get_by_role("button", name="Open LogIn").click()
        await expect(page.locator(TABS)).to_have_text(["Home", "LogIn"])
        await expect(page.get_by_role("region", name="Variables")).to_contain_text("// The account's e-mail address")
        await page.get_by_role("button", name="Headers").click()
        await page.locator(".graphiql-editor-tool .graphiql-editor:not(.hidden)").click()
        await page.keyboard.insert_text('{"Authorization": "Bearer x"}')
        await expect(note).to_have_count(0)


async def test_a_phone_shows_editor_button_and_answer_without_scrolling_sideways(
    dev: AsyncClient, tmp_path: Path
) -> None:
    async with visiting(str(dev.base_url).rstrip("/"), tmp_path / "profile") as visit:
        page = visit.page
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.goto(str(dev.base_url.join("/graphql")))
        await expect(listed(page)).to_have_count(0)
        await page.get_by_role("button", name="Show Operations").click()
        await chooses(page, "Search")
        await expect(listed(page)).to_have_count(0)
        assert len((await runs(page, '"edges": ['))["data"]["search"]["edges"]) > 0
        parts = {
            "editor": page.locator(".graphiql-query-editor .monaco-editor"),
            "variables": page.locator(".graphiql-editor-tool .monaco-editor").first,
            "button": page.get_by_role("button", name="Execute query"),
            "answer": page.locator(".graphiql-response .monaco-editor"),
            "tab": page.locator(".graphiql-tab-active"),
            "account": page.get_by_role("button", name="Sign in", exact=True),
            "hint": page.get_by_role("note"),
        }
        seen = {name: await part.evaluate(IS_IN_VIEW) for name, part in parts.items()}
        assert seen == dict.fromkeys(parts, True)
        sizes = {name: await parts[name].bounding_box() for name in ("editor", "answer")}
        assert {name: box and (box["width"] >= 240, box["height"] >= 150) for name, box in sizes.items()} == {
            "editor": (True, True),
            "answer": (True, True),
        }
        assert not await page.evaluate(SCROLLS_SIDEWAYS)
        await parts["hint"].get_by_role("button", name="Sign in as ana").click()
        await expect(page.get_by_role("button", name="Signed in as Ana Lima")).to_be_visible()
        await expect(page.get_by_role("button", name="Execute query")).to_be_in_viewport(ratio=1)
        assert not await page.evaluate(SCROLLS_SIDEWAYS)
        assert (visit.elsewhere, visit.errors) == ([], [])
