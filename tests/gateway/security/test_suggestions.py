"""Suggestions of graphql-core are closed where the schema is. Each place that suggests names has a document here."""

import re
from pathlib import Path
from typing import Any

import graphql
import pytest

from tests.support.client import Client

PREFERENCES = "{ updateNotificationPreferences(input: {emailFrequency: $value}) { __typename } }"

SENT: list[tuple[str, str, dict[str, Any]]] = [
    ("fields_on_correct_type", "{ viewe { id } }", {}),
    ("fields_on_correct_type", '{ node(id: "x") { handle } }', {}),
    ("known_argument_names", '{ user(handle: "ana") { followers(firs: 1) { __typename } } }', {}),
    ("known_argument_names", "{ __typename @skip(if: true, iff: true) }", {}),
    ("known_type_names", "{ ...F } fragment F on Quer { __typename }", {}),
    ("known_type_names", "query ($id: IDD!) { node(id: $id) { id } }", {}),
    ("scalar_leafs", "{ viewer }", {}),
    ("validate_input_value", 'mutation { likePost(input: {postIdd: "x", postId: "y"}) { __typename } }', {}),
    (
        "validate_input_value",
        "mutation ($input: LikePostInput!) { likePost(input: $input) { __typename } }",
        {"input": {"postIdd": "x", "postId": "y"}},
    ),
    ("definition", "mutation { updateNotificationPreferences(input: {emailFrequency: DAIL}) { __typename } }", {}),
    ("definition", 'mutation { updateNotificationPreferences(input: {emailFrequency: "DAILY"}) { __typename } }', {}),
    ("definition", f"mutation ($value: EmailFrequency) {PREFERENCES}", {"value": "DAIL"}),
    ("definition", f"mutation ($value: EmailFrequency = DAIL) {PREFERENCES}", {}),
]
"""The module of graphql-core, a document with a mistake, and its variables."""

OF_SCHEMAS = {"possible_type_extensions", "validate", "did_you_mean"}
"""Modules whose suggestions are about the text of a schema, and the one that writes them."""


def test_each_place_that_suggests_names_has_a_document() -> None:
    folder = Path(graphql.__file__).parent
    found = {
        path.stem for path in folder.rglob("*.py") if re.search(r"did_you_mean\w*\(|Did you mean", path.read_text())
    }
    assert found - OF_SCHEMAS == {module for module, _, _ in SENT}


@pytest.mark.parametrize("sent", SENT)
async def test_anonymous_callers_get_no_suggestion_in_production(
    development: Client,
    closed: Client,
    signed_in_only: Client,
    sent: tuple[str, str, dict[str, Any]],
) -> None:
    module, query, variables = sent
    open_message = message_of(await development.ask(query, variables))
    _, found, suggestion = open_message.partition(" Did you mean ")
    assert found, f"{module} suggests something in development"
    suggested = set(re.findall(r"'(\w+)'", suggestion.partition("?")[0])) - set(
        re.findall(r"\w+", f"{query} {variables}")
    )
    for client, handle in ((closed, None), (closed, "ana"), (signed_in_only, None)):
        message = message_of(await client.ask(query, variables, as_=handle))
        assert "Did you mean" not in message
        assert suggested.isdisjoint(re.findall(r"\w+", message)), message
        assert message.split(".")[0][:40] == open_message.split(".")[0][:40], "the rest of the message is the same"
    assert message_of(await signed_in_only.ask(query, variables, as_="ana")) == open_message


async def test_a_cached_document_has_the_message_of_its_caller(signed_in_only: Client) -> None:
    query, plain = "{ viewe { id } }", "Cannot query field 'viewe' on type 'Query'."
    for _ in range(2):
        assert message_of(await signed_in_only.ask(query)) == plain
        assert message_of(await signed_in_only.ask(query, as_="ana")) == f"{plain} Did you mean 'viewer'?"


async def test_a_token_that_is_not_valid_counts_as_none(signed_in_only: Client) -> None:
    answer = (await signed_in_only.post("{ viewe { id } }", token="nonsense")).json()
    assert message_of(answer) == "Cannot query field 'viewe' on type 'Query'."


def message_of(answer: dict[str, Any]) -> str:
    (error,) = answer["errors"]
    return error["message"]
