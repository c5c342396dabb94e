"""Tests in which language a client receives texts."""

from typing import Any

import pytest

from core.viewer import SignedIn
from tests.support.account import DEVICE, act, refresh
from tests.support.app import App
from tests.support.client import Client
from tests.support.relay import drained

INBOX = "{ viewer { notifications(first: 1) { edges { node { kind text } } } } }"
TEXTS = {
    "en": "Lina Castro liked your post.",
    "de": "Lina Castro gefällt dein Beitrag.",
    "ja": "Lina Castroさんがあなたの投稿に「いいね!」しました。",
    "ar": "أُعجب \u2068Lina Castro\u2069 بمنشورك.",
}


@pytest.fixture(autouse=True)
async def one_like(client: Client) -> None:
    await drained(client.resources)
    await client.resources.database.fetch("DELETE FROM notifications")
    await App(client, "lina").does("LikePost", postId=await App(client, "ana").publishes())
    await drained(client.resources)


async def text(client: Client, token: str, **headers: str) -> str:
    answer = (await client.post(INBOX, token=token, **headers)).json()
    (edge,) = answer["data"]["viewer"]["notifications"]["edges"]
    return edge["node"]["text"]


async def token_with(client: Client, locale: str | None) -> str:
    token, _ = client.resources.access_tokens.issue(SignedIn(await client.user_id("ana"), 1), locale)
    return token


async def session_with(client: Client, locale: str | None) -> dict[str, Any]:
    device = {**DEVICE, "locale": locale}
    sent = {"email": "ana@example.com", "password": "open-sesame-ana", "device": device}
    answer = await act(client, "LogIn", sent)
    return answer["session"]


@pytest.mark.parametrize("language", TEXTS)
async def test_the_locale_of_the_device_decides(client: Client, language: str) -> None:
    token = await token_with(client, f"{language}-XX")
    assert await text(client, token, **{"Accept-Language": "ja"}) == TEXTS[language]


@pytest.mark.parametrize("locale", [None, "fr-FR"])
@pytest.mark.parametrize("language", TEXTS)
async def test_a_device_without_a_known_locale_gets_the_language_of_the_header(
    client: Client, language: str, locale: str | None
) -> None:
    token = await token_with(client, locale)
    assert await text(client, token, **{"Accept-Language": f"fr, {language};q=0.5"}) == TEXTS[language]
    assert await text(client, token) == TEXTS["en"]


async def test_a_session_keeps_the_locale_of_its_device(client: Client) -> None:
    session = await session_with(client, "de_CH")
    assert await text(client, session["accessToken"]) == TEXTS["de"]
    renewed = (await refresh(client, session["refreshToken"]))["session"]
    assert await text(client, renewed["accessToken"]) == TEXTS["de"]


async def test_the_language_takes_no_statement(client: Client, statements: list[str]) -> None:
    token = await token_with(client, "de")
    statements.clear()
    await text(client, token)
    assert len(statements) == 1, statements
