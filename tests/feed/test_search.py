from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.client import Client, operation
from tests.support.engines import Engine
from tests.support.search import index_all
from tests.support.world import NOW, block

SEARCH = operation("feed.graphql", "Search")
HOSTILE = [
    "", " ", "a", "'", '"', '"unclosed', "a'b\"c", "AND", "NEAR(a b)", "a AND", "* *", "a*", "-a", "!a & |", "<->",
    "body:x", "(((", "%", "_", "\\", "a\0b", "; DROP TABLE users; --", "x" * 10_000, "word " * 2_000, "\u202e", "🚲",
]  # fmt: skip


async def found(client: Client, query: str, *, as_: str | None = "ana", **more: Any) -> list[Any]:
    data = await client.data(SEARCH, {"query": query, "first": 100, **more}, as_=as_)
    return [edge["node"] for edge in data["search"]["edges"]]


@pytest.mark.parametrize("query", HOSTILE)
async def test_no_string_is_an_error(client: Client, query: str) -> None:
    await found(client, query)
    await found(client, query, as_=None)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(st.characters(codec="utf-8"), max_size=60))
async def test_no_string_that_anybody_could_type_is_an_error(client: Client, query: str) -> None:
    await found(client, query)


async def test_without_a_word_nothing_is_looked_for(client: Client, statements: list[str]) -> None:
    assert (await client.ask(SEARCH, {"query": "?! --"}))["data"]["search"]["edges"] == []
    assert statements == []


async def test_people_are_found_by_handle_its_beginning_and_name(client: Client) -> None:
    assert (await found(client, "ana"))[0]["handle"] == "ana"
    assert {node["handle"] for node in await found(client, "ki", types=["USER"])} >= {"kira"}
    assert (await found(client, "Lima", types=["USER"]))[0]["handle"] == "ana"
    assert (await found(client, "ana lim", types=["USER"]))[0]["handle"] == "ana"
    assert (await found(client, "CLÉO", types=["USER"]))[0]["handle"] == "cleo"


async def test_a_misspelt_handle_is_found_where_the_engine_can(client: Client, engine: Engine) -> None:
    handles = [node["handle"] for node in await found(client, "hanna", types=["USER"])]
    assert handles == (["hana"] if engine.name == "postgres" else [])


async def test_posts_are_those_that_have_all_the_words_on_every_engine(client: Client) -> None:
    posts = await client.resources.database.fetch("SELECT body FROM posts WHERE deleted_at IS NULL")
    for query in ("train", "night train", "bread half", "swifts air", "the", "train soup"):
        nodes = await found(client, query, types=["POST"])
        every = await pages(client, query)
        expected = sorted(row["body"] for row in posts if has_words(row["body"], query))
        hidden = await hidden_bodies(client)
        for body in hidden:
            if has_words(body, query):
                expected.remove(body)
        assert sorted(node["body"] for node in every) == expected
        assert nodes == every[: len(nodes)]


def has_words(body: str, query: str) -> bool:
    words = "".join(character if character.isalnum() else " " for character in body.lower()).split()
    return all(word in words for word in query.lower().split())


async def hidden_bodies(client: Client) -> list[str]:
    """Posts of whom ana has blocked in the seeded world."""
    rows = await client.resources.database.fetch(
        "SELECT p.body FROM posts p JOIN blocks b ON b.other_id = p.author_id WHERE b.owner_id = $1",
        await client.user_id("ana"),
    )
    return [row["body"] for row in rows]


async def pages(client: Client, query: str) -> list[Any]:
    """Returns all results, in pages of seven."""
    nodes: list[Any] = []
    after = None
    while True:
        variables = {"query": query, "types": ["POST"], "first": 7, "after": after}
        page = (await client.data(SEARCH, variables, as_="ana"))["search"]
        nodes += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return nodes
        after = page["pageInfo"]["endCursor"]


async def test_people_come_before_posts_and_types_choose(client: Client) -> None:
    await client.resources.database.fetch("UPDATE users SET name = 'Night Train' WHERE handle = 'ben'")
    await index_all(client.resources)
    mixed = [node["__typename"] for node in await found(client, "night train")]
    assert mixed[0] == "User"
    assert mixed[1:] == ["Post"] * (len(mixed) - 1)
    assert {node["__typename"] for node in await found(client, "night train", types=["POST"])} == {"Post"}
    assert [node["handle"] for node in await found(client, "night train", types=["USER"])] == ["ben"]


@pytest.mark.parametrize("who_blocks", ["ana", "ben"])
async def test_neither_finds_the_other_after_a_block(client: Client, who_blocks: str) -> None:
    ana, ben = await client.user_id("ana"), await client.user_id("ben")
    await block(client.resources, *((ana, ben) if who_blocks == "ana" else (ben, ana)))
    assert "ben" not in [node.get("handle") for node in await found(client, "ben")]
    posts = await pages(client, "the")
    assert posts
    assert "ben" not in {post["author"]["handle"] for post in posts}
    assert "ben" in [node.get("handle") for node in await found(client, "ben", as_=None)]


async def test_what_is_edited_or_deleted_is_found_as_it_is_now(client: Client) -> None:
    ana = await client.user_id("ana")
    fetch = client.resources.database.fetch
    (post,) = await fetch("SELECT id FROM posts WHERE author_id = $1 LIMIT 1", ana)
    await fetch("UPDATE posts SET body = 'A zeppelin' WHERE author_id = $1 AND id = $2", ana, post["id"])
    await index_all(client.resources)
    assert [node["body"] for node in await found(client, "zeppelin")] == ["A zeppelin"]
    await fetch("UPDATE posts SET deleted_at = $3 WHERE author_id = $1 AND id = $2", ana, post["id"], NOW)
    assert await found(client, "zeppelin") == []


async def test_a_cursor_of_another_search_opens_nothing(client: Client) -> None:
    first = (await client.data(SEARCH, {"query": "the", "first": 1}, as_="ana"))["search"]["pageInfo"]["endCursor"]
    answer = await client.ask(SEARCH, {"query": "train", "first": 1, "after": first}, as_="ana")
    assert answer["errors"][0]["extensions"]["argument"] == "after"
