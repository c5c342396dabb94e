"""The page on which e-mails are turned off, as HTTP clients and a browser see it."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from core.settings import Settings
from models.notifications import ALWAYS_SENT
from tests.support.browser import visiting
from tests.support.client import Client
from tests.support.server import serving
from tests.support.unsubscribing import mailed_kinds

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def path(client: Client, kind: str = "REFUND") -> str:
    return f"/unsubscribe/{client.resources.unsubscribe_tokens.issue(await client.user_id('ben'), kind)}"


@pytest.mark.parametrize(
    ("accepted", "language", "direction", "button"),
    [
        ("", "en", "ltr", "Unsubscribe"),
        ("fr", "en", "ltr", "Unsubscribe"),
        ("de-AT,de;q=0.9", "de", "ltr", "Abbestellen"),
        ("ja", "ja", "ltr", "配信を停止する"),
        ("ar-EG, en;q=0.5", "ar", "rtl", "إلغاء الاشتراك"),
    ],
)
async def test_the_page_is_in_the_language_of_the_reader(
    client: Client, accepted: str, language: str, direction: str, button: str
) -> None:
    headers = HTML | ({"Accept-Language": accepted} if accepted else {})
    answer = await client.http.get(await path(client), headers=headers)
    assert (answer.status_code, answer.headers["content-language"]) == (200, language)
    assert answer.text.startswith(f'<!doctype html><html lang="{language}" dir="{direction}">')
    assert answer.text.count("<button") == 1
    assert f'<button type="submit">{button}</button>' in answer.text
    done = await client.http.post(await path(client), headers=headers, data={"List-Unsubscribe": "One-Click"})
    assert (done.status_code, "<button" in done.text) == (200, False)
    assert f'<html lang="{language}" dir="{direction}">' in done.text


async def test_the_page_loads_nothing_and_is_not_kept(client: Client) -> None:
    for found in (await path(client), "/unsubscribe/wrong"):
        answer = await client.http.get(found, headers=HTML)
        assert answer.headers["content-security-policy"] == (
            "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers
        assert [tag for tag in ("<script", "<style", "<img", "<link", "http") if tag in answer.text] == []
        assert found.rpartition("/")[2] not in answer.text


@pytest.mark.parametrize(("kind", "name"), [("LIKE", "Likes"), ("ALL", "All notifications")])
async def test_the_page_names_what_is_turned_off(client: Client, kind: str, name: str) -> None:
    answer = await client.http.get(await path(client, kind), headers=HTML)
    assert f"<p>Stop e-mails of this kind: {name}</p>" in answer.text


async def test_a_reader_turns_off_mails_in_a_browser(
    client: Client, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = await path(client, "ALL")
    async with serving(settings) as real, visiting(f"http://{real.address}", tmp_path / "profile") as visit:
        page, reader = visit.page, Client(real.http, real.resources)
        await page.goto(f"http://{real.address}{found}")
        await expect(page.get_by_role("heading", level=1)).to_have_text("E-mail notifications")
        assert await mailed_kinds(reader, "ben") != set()
        await page.get_by_role("button", name="Unsubscribe").click()
        await expect(page.get_by_role("main")).to_contain_text("You no longer receive e-mails")
        await expect(page.get_by_role("button")).to_have_count(0)
        assert (visit.elsewhere, visit.errors) == ([], [])
        assert await visit.page.context.cookies() == []
        assert await mailed_kinds(reader, "ben") == ALWAYS_SENT.keys()
    assert [record for record in caplog.records if record.name.startswith(("core.", "gateway."))] == []
