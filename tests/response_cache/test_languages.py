"""The language is in the key of a stored response exactly if a text is selected."""

from typing import Any

import pytest

from core.viewer import SignedIn
from tests.support.client import Client

TEXTS = "query Texts { viewer { notifications(first: 5) { edges { node { text } } } } }"
AS_NODE = "query Texts($id: ID!) { node(id: $id) { ... on Notification { text } } }"
IN_FRAGMENT = """
    query Texts { viewer { notifications(first: 5) { edges { node { ...Told } } } } }
    fragment Told on Notification { text }
"""
KINDS = "query Kinds { viewer { notifications(first: 5) { edges { node { id kind } } } } }"


class Asking:
    """Sends a query with an Accept-Language header, and returns the result of the cache."""

    def __init__(self, client: Client, locale: str | None = None) -> None:
        self.client = client
        self.locale = locale
        self.answer: dict[str, Any] = {}

    async def result(self, query: str, language: str, variables: Any = None) -> str:
        user_id = await self.client.user_id("ana")
        token, _ = self.client.resources.access_tokens.issue(SignedIn(user_id, 1), self.locale)
        headers = {"Accept-Language": language}
        self.answer = (await self.client.post(query, variables, token=token, **headers)).json()
        return self.answer["extensions"]["cache"]["result"]


@pytest.mark.parametrize("query", [TEXTS, IN_FRAGMENT])
async def test_texts_are_stored_for_each_language(client: Client, query: str) -> None:
    asking = Asking(client)
    assert [await asking.result(query, language) for language in ("de", "de-AT", "ja", "fr")] == [
        "miss",
        "hit",
        "miss",
        "miss",
    ]
    english = asking.answer["data"]
    assert await asking.result(query, "en") == "hit"
    assert asking.answer["data"] == english
    assert await asking.result(query, "de") == "hit"
    assert asking.answer["data"] != english


async def test_other_responses_are_the_same_in_every_language(client: Client) -> None:
    asking = Asking(client)
    assert [await asking.result(KINDS, language) for language in ("de", "ja", "fr")] == ["miss", "hit", "hit"]


async def test_the_header_does_not_matter_for_a_device_with_a_locale(client: Client) -> None:
    asking = Asking(client, "de-DE")
    assert [await asking.result(TEXTS, language) for language in ("ja", "ar", "de")] == ["miss", "hit", "hit"]


async def test_a_notification_by_its_id_is_stored_for_each_language(client: Client) -> None:
    kinds = (await client.data(KINDS, as_="ana"))["viewer"]["notifications"]["edges"]
    asking, variables = Asking(client), {"id": kinds[0]["node"]["id"]}
    languages = ("de", "en", "de")
    assert [await asking.result(AS_NODE, language, variables) for language in languages] == ["miss", "miss", "hit"]
