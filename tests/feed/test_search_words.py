"""Search in the scripts of the world: each text is published by an app and found by what people type."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from core.words import MAX_TERMS, Term, fold, terms, words
from services.maintenance.doctor import examine
from services.search import count_unindexed
from services.search.indexing import AT_ONCE
from tests.support.client import Client, operation
from tests.support.engines import Engine
from tests.support.search import index_all

SEARCH = operation("feed.graphql", "Search")
PUBLISH = operation("feed.graphql", "PublishPost")
EDIT = operation("feed.graphql", "EditPost")
UPDATE_PROFILE = operation("account.graphql", "UpdateProfile")


class Case(NamedTuple):
    script: str
    text: str
    found_by: list[str]
    not_by: list[str]


CASES = [Case(**case) for case in json.loads(Path(__file__).with_name("scripts.json").read_text())]


async def bodies(client: Client, query: str) -> list[str]:
    data = await client.data(SEARCH, {"query": query, "types": ["POST"], "first": 100}, as_="ana")
    return [edge["node"]["body"] for edge in data["search"]["edges"]]


async def people(client: Client, query: str) -> list[str]:
    data = await client.data(SEARCH, {"query": query, "types": ["USER"], "first": 100})
    return [edge["node"]["handle"] for edge in data["search"]["edges"]]


async def publish(client: Client, body: str) -> dict[str, Any]:
    data = await client.data(PUBLISH, {"input": {"body": body}}, as_="ana")
    return data["publishPost"]["post"]


def test_thirty_scripts_are_walked() -> None:
    assert len({case.script.partition(",")[0] for case in CASES}) >= 30


async def test_a_post_is_found_by_its_words_in_every_script(client: Client) -> None:
    wrong: list[str] = []
    for case in CASES:
        await publish(client, case.text)
        wrong += [
            f"{case.script}: not by {query}" for query in case.found_by if case.text not in await bodies(client, query)
        ]
        wrong += [f"{case.script}: by {query}" for query in case.not_by if case.text in await bodies(client, query)]
    assert wrong == []


async def test_a_name_is_found_by_its_words_in_every_script(client: Client) -> None:
    for case in CASES:
        await client.data(UPDATE_PROFILE, {"input": {"name": case.text[:50]}}, as_="ben")
        assert "ben" in await people(client, case.found_by[0]), case.script


async def test_handles_are_found_whole_by_parts_and_by_their_beginning(client: Client) -> None:
    fetch = client.resources.database.fetch
    for handle, name in (("night_train_99", "ana"), ("___", "ben")):
        await fetch("UPDATE users SET handle = $1, words_key = NULL WHERE id = $2", handle, await client.user_id(name))
    await index_all(client.resources)
    for query in ("night_train_99", "@night_train_99", "NIGHT_TRAIN_99", "night_tr", "train", "99", "night train"):
        assert (await people(client, query))[0] == "night_train_99", query
    assert await people(client, "___") == ["___"]


async def test_what_was_edited_is_found_by_its_new_words_alone(client: Client) -> None:
    post = await publish(client, "\u092e\u094c\u0938\u092e")
    await client.data(EDIT, {"input": {"postId": post["id"], "body": "late.Zeppelin"}}, as_="ana")
    assert await bodies(client, "zeppelin") == ["late.Zeppelin"]
    assert await bodies(client, "\u092e\u094c\u0938\u092e") == []
    assert await count_unindexed(client.resources.database) == 0


async def test_an_edit_of_signs_alone_leaves_the_post_indexed(client: Client) -> None:
    post = await publish(client, "Zeppelin.")
    await client.data(EDIT, {"input": {"postId": post["id"], "body": "Zeppelin!"}}, as_="ana")
    assert await count_unindexed(client.resources.database) == 0
    assert await bodies(client, "zeppelin") == ["Zeppelin!"]


async def test_rows_that_others_wrote_are_indexed_by_the_job_and_counted_by_doctor(client: Client) -> None:
    database = client.resources.database
    await database.fetch("UPDATE posts SET words = NULL, words_key = NULL")
    await database.fetch("UPDATE users SET words_key = 1, name = 'Zeppelin Lima' WHERE handle = 'ana'")
    (counted,) = await database.fetch("SELECT COUNT(*) AS posts FROM posts")
    assert await count_unindexed(database) == counted["posts"] + 1
    assert await bodies(client, "train") == []
    (finding,) = [finding for finding in await examine(client.resources) if finding.what == "search"]
    assert finding.advice == f"{counted['posts'] + 1} posts and users are not indexed yet: run 'bff worker'"
    assert await index_all(client.resources) == counted["posts"] // AT_ONCE + 1
    assert await count_unindexed(database) == 0
    assert len(await bodies(client, "train")) > 1
    assert (await people(client, "zeppelin"))[0] == "ana"


async def test_text_changed_by_sql_is_indexed_again(client: Client) -> None:
    await publish(client, "Zeppelin")
    await client.resources.database.fetch("UPDATE posts SET body = 'Balloon' WHERE body = 'Zeppelin'")
    await client.resources.database.fetch("UPDATE users SET name = 'Captain' WHERE handle = 'ana'")
    assert await count_unindexed(client.resources.database) == 2
    await index_all(client.resources)
    assert await bodies(client, "balloon") == ["Balloon"]
    assert await people(client, "captain") == ["ana"]


async def test_a_long_post_without_spaces_is_kept_and_found(client: Client, engine: Engine) -> None:
    body = "\u6771\u4eac" * 2499 + "\u9e2d"
    await publish(client, body)
    assert await bodies(client, "\u4eac\u9e2d") == [body], engine.name


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("late.Sorry bread/butter", [Term(("late", "sorry")), Term(("bread",)), Term(("butter",))]),
        ("\u6771\u4eac tower", [Term(("\u6771\u4eac",), unfinished=True), Term(("tower",))]),
        ("' & | ! :* <-> \"", []),
        ("x" * 100, [Term(("x" * 64,))]),
    ],
)
def test_what_is_asked_for_is_cut_as_what_is_stored(query: str, expected: list[Term]) -> None:
    assert terms(query) == expected


def test_a_search_string_has_at_most_eight_terms() -> None:
    assert len(terms("a " * 50)) == MAX_TERMS
    assert len(terms("\u6771 " * 50)) == MAX_TERMS


def test_what_is_asked_for_is_among_what_is_stored() -> None:
    for case in CASES:
        stored = words(case.text)
        for term in terms(case.text):
            assert all(word in stored for word in term.words), case.script


def test_letters_that_are_folded_to_many_do_not_multiply_a_long_text() -> None:
    assert len(fold("\ufdfa")) == 18
    assert len(fold("\ufdfa" * 100)) == 1800
    assert len(fold("\ufdfa" * 5000)) <= 10_000
