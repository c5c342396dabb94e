"""GraphiQL in Chromium, before a server as `make dev` starts it."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from tests.cli.test_commands import serving
from tests.support.browser import Visit, chromium, visiting
from tests.support.homes import home_of_ana, without_sign_in
from tests.users.test_log_in import credentials

MODEL = "__MONACO.editor.getModels().find(model => model.uri.path.endsWith('{}.json'))"
RESPONSE = f"() => {MODEL.format('response')}.getValue()"
CLICK_BOTH = """async tab => {
    tab.querySelector('button').click()
    await new Promise(requestAnimationFrame)
    document.querySelector('.graphiql-execute-button').click()
}"""
WRITE_VARIABLES = f"text => {MODEL.format('variables')}.setValue(text)"


async def test_a_developer_explores_as_ana(tmp_path: Path, project: Path) -> None:
    home = home_of_ana(project)
    chromium()
    async with (
        serving("dev", folder=tmp_path) as http,
        visiting(str(http.base_url).rstrip("/"), tmp_path / "p") as visit,
    ):
        page = visit.page
        await page.goto(str(http.base_url.join("/graphql")))
        await signs_in(visit)
        await opens(page, "Home")
        assert without_sign_in(await runs(page, '"body": "')) == home
        await page.screenshot(path=tmp_path / "graphiql.png")
        await runs_with_variables(page)
        await opens_plugins(page)
        await changes_theme(page)
        await signs_out(visit)
        assert await runs_at_once(page, "Home", '"viewer": null') == {"data": {"viewer": None}}
        assert (visit.elsewhere, visit.errors) == ([], [])
        assert len(visit.requests) > 20


async def signs_in(visit: Visit) -> None:
    """The token goes with every request from then on, also with the schema's."""
    page = visit.page
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("menuitem")).to_have_text(
        [f"Sign in as {name}" for name in ("ana", "ben", "chi", "dia")]
    )
    await page.get_by_role("menuitem", name="Sign in as ana").click()
    await expect(page.get_by_text("Signed in as Ana Lima")).to_be_visible()
    clock = page.locator("time")
    await expect(clock).to_have_text(re.compile(r"^(15:00|14:5\d)$"))
    before = await clock.inner_text()
    await expect(clock).not_to_have_text(before)
    assert await authorization_of_next(visit, "Re-fetch GraphQL schema") == ["Bearer"]


async def signs_out(visit: Visit) -> None:
    await visit.page.get_by_role("button", name="Signed in as Ana Lima").click()
    await visit.page.get_by_role("menuitem", name="Sign out").click()
    await expect(visit.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    assert await authorization_of_next(visit, "Re-fetch GraphQL schema") == []


async def authorization_of_next(visit: Visit, button: str) -> list[str]:
    """The scheme of the token that the request of a button carries."""
    async with visit.page.expect_request("**/graphql") as caught:
        await visit.page.get_by_role("button", name=button).click()
    return (await (await caught.value).all_headers()).get("authorization", "").split()[:1]


async def opens(page: Page, tab: str) -> None:
    await page.get_by_role("tab", name=tab).click()


async def runs(page: Page, shows: str) -> Any:
    """Runs what the open tab holds and returns the answer that is shown."""
    await page.get_by_role("button", name="Execute query").click()
    return await shown(page, shows)


async def shown(page: Page, part: str) -> Any:
    await expect(page.locator(".graphiql-response .view-lines")).to_contain_text(part)
    return json.loads(await page.evaluate(RESPONSE))


async def runs_at_once(page: Page, tab: str, shows: str) -> Any:
    """Opens a tab and runs it before GraphiQL has read the tab's document (it waits 100 ms)."""
    await page.get_by_role("tab", name=tab, selected=False).evaluate(CLICK_BOTH)
    return await shown(page, shows)


async def runs_with_variables(page: Page) -> None:
    """The tab's own variables are replaced by others; its fragment is part of the tab."""
    await page.get_by_role("region", name="Operations").get_by_title("mutation LogIn").click()
    editor = page.locator(".graphiql-editor-tool .view-lines").first
    await expect(editor).to_contain_text("ana@example.com")
    await page.evaluate(WRITE_VARIABLES, json.dumps(credentials("ben@example.com", "open-sesame-ben")))
    await expect(editor).to_contain_text("ben@example.com")
    answer = await runs(page, '"accessToken":')
    assert answer["data"]["logIn"]["user"]["handle"] == "ben"
    await expect(page.get_by_text("Signed in as Ana Lima")).to_be_visible()


async def opens_plugins(page: Page) -> None:
    panel = page.locator(".graphiql-plugin")
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await expect(panel).to_contain_text("The backend of a mobile app: accounts and devices")
    await expect(panel).to_contain_text("mutation: Mutation")
    await panel.get_by_role("link", name="Mutation").click()
    await expect(panel).to_contain_text("logIn")
    await page.get_by_role("button", name="Show History").click()
    await expect(panel).to_contain_text("Home")
    await page.get_by_role("button", name="Show GraphiQL Explorer").click()
    query = page.locator(".graphiql-query-editor .view-lines")
    await expect(query).to_contain_text("refreshToken")
    await panel.locator("#fragment-SessionTokens").get_by_text("refreshToken").click()
    await expect(query).not_to_contain_text("refreshToken")


async def changes_theme(page: Page) -> None:
    body = page.locator("body")
    shown = page.locator(".graphiql-container")
    await expect(shown).to_have_css("background-color", "rgb(255, 255, 255)")
    await page.get_by_role("button", name="Open settings dialog").click()
    await page.get_by_role("button", name="Dark").click()
    await expect(body).to_have_class(re.compile("graphiql-dark"))
    await expect(shown).to_have_css("background-color", "rgb(33, 42, 59)")
    await page.get_by_role("button", name="System").click()
    await expect(shown).to_have_css("background-color", "rgb(255, 255, 255)")
    await page.emulate_media(color_scheme="dark")
    await expect(shown).to_have_css("background-color", "rgb(33, 42, 59)")
    await page.keyboard.press("Escape")
