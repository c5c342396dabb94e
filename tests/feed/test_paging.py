import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.ids import id_at
from models.feed import FeedEntryModel, PostModel
from services.maintenance.seed.world import NOW
from tests.support.client import Client

PAGE = """
query ($first: Int, $after: String) {
  viewer { feed(first: $first, after: $after) { edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }
}
"""


async def publish(client: Client, author: int, reader: int, at_minute: int) -> None:
    """Puts a post straight into a reader's feed, as late or early as the test likes."""
    instant = NOW + timedelta(minutes=at_minute)
    post_id = id_at(instant) | client.resources.ids.next() & 0x3FFFFF
    connection = client.resources.database.client
    await PostModel.create(using_db=connection, author_id=author, id=post_id, body="new", created_at=instant)
    await FeedEntryModel.create(using_db=connection, owner_id=reader, post_id=post_id, author_id=author)


async def read_page(client: Client, first: int, after: str | None) -> dict[str, Any]:
    data = await client.data(PAGE, {"first": first, "after": after}, as_="ana")
    return data["viewer"]["feed"]


async def read_to_the_end(client: Client, first: int) -> list[str]:
    seen: list[str] = []
    after = None
    while True:
        page = await read_page(client, first, after)
        seen += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return seen
        after = page["pageInfo"]["endCursor"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.integers(3, 40),
    # After each page: the minutes, counted from the seeded world's present, at which others' posts are dated.
    arrivals=st.lists(st.lists(st.integers(-60 * 24 * 40, 600), max_size=3), max_size=6),
)
async def test_paging_to_the_end_while_others_post_repeats_nothing_and_skips_nothing(
    client: Client, first: int, arrivals: list[list[int]]
) -> None:
    ana, ben = await client.user_id("ana"), await client.user_id("ben")
    before = await read_to_the_end(client, 100)
    seen: list[str] = []
    after = None
    has_next = True
    waiting = iter(arrivals)
    while has_next:
        minutes = next(waiting, list[int]())
        posting = asyncio.gather(*(publish(client, ben, ana, minute) for minute in minutes))
        page = await read_page(client, first, after)
        await posting
        seen += [edge["node"]["id"] for edge in page["edges"]]
        has_next, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    assert len(seen) == len(set(seen))
    there_before = set(before)
    assert [post for post in seen if post in there_before] == before


async def test_each_edge_has_the_cursor_that_goes_on_behind_it(client: Client) -> None:
    page = await read_page(client, 10, None)
    behind_the_fourth = await read_page(client, 6, page["edges"][3]["cursor"])
    assert behind_the_fourth["edges"] == page["edges"][4:]


async def test_the_last_page_says_that_it_is_the_last(client: Client) -> None:
    everything = await read_to_the_end(client, 100)
    page = await read_page(client, len(everything) - 1, None)
    assert page["pageInfo"]["hasNextPage"]
    last = await read_page(client, 5, page["pageInfo"]["endCursor"])
    assert [edge["node"]["id"] for edge in last["edges"]] == everything[-1:]
    assert not last["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize(
    ("variables", "argument"),
    [
        ({"first": 0}, "first"),
        ({"first": -1}, "first"),
        ({"first": 101}, "first"),
        ({"first": 5, "after": ""}, "after"),
        ({"first": 5, "after": "junk"}, "after"),
        ({"first": 5, "after": "ÄÖÜ"}, "after"),
        ({"first": 5, "after": "A" * 24}, "after"),
    ],
)
async def test_a_bad_page_is_refused_by_name_before_any_statement(
    client: Client, statements: list[str], variables: dict[str, Any], argument: str
) -> None:
    token = await client.token("ana")
    statements.clear()
    answer = (await client.post(PAGE, variables, token=token)).json()
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["argument"] == argument
    assert error["message"].startswith(f"{argument}: ")
    assert statements == []


async def test_a_page_size_out_of_bounds_deep_in_a_document_is_refused_once_and_before_any_statement(
    client: Client, statements: list[str]
) -> None:
    token = await client.token("ana")
    statements.clear()
    query = "{ viewer { feed { edges { node { comments(first: 1000) { edges { cursor } } } } } } }"
    answer = (await client.post(query, token=token)).json()
    assert [error["extensions"]["argument"] for error in answer["errors"]] == ["first"]
    assert "data" not in answer
    assert statements == []


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query ($n: Int = 1000) { viewer { feed(first: $n) { edges { cursor } } } }", {}),
        ("query ($n: Int = 1000) { viewer { feed(first: $n) { edges { cursor } } } }", {"n": 101}),
        ("query ($n: Int) { viewer { feed(first: $n) { edges { cursor } } } }", {"n": 101.0}),
        ("query ($n: Int) { viewer { ...F } } fragment F on Viewer { feed(first: $n) { edges { cursor } } }", {"n": 0}),
    ],
)
async def test_a_page_size_in_a_variable_its_default_or_a_fragment_is_refused_too(
    client: Client, statements: list[str], query: str, variables: dict[str, float]
) -> None:
    token = await client.token("ana")
    statements.clear()
    answer = (await client.post(query, variables, token=token)).json()
    assert [error["extensions"]["argument"] for error in answer["errors"]] == ["first"]
    assert "data" not in answer
    assert statements == []


async def test_a_cursor_of_somebody_elses_feed_opens_nothing(client: Client) -> None:
    bens = await client.data(PAGE, {"first": 1}, as_="ben")
    cursor = bens["viewer"]["feed"]["pageInfo"]["endCursor"]
    answer = await client.ask(PAGE, {"first": 1, "after": cursor}, as_="ana")
    assert answer["errors"][0]["extensions"]["argument"] == "after"


async def test_a_cursor_of_another_list_opens_nothing(client: Client) -> None:
    page = await read_page(client, 1, None)
    query = "query ($after: String) { viewer { payments(after: $after) { edges { cursor } } } }"
    answer = await client.ask(query, {"after": page["pageInfo"]["endCursor"]}, as_="ana")
    assert answer["data"] == {"viewer": {"payments": None}}
    assert answer["errors"][0]["extensions"]["argument"] == "after"


@pytest.mark.parametrize(
    ("document", "variables", "place"),
    [
        ("{ viewer {\n  feed(first: 1000) { edges { cursor } } } }", {}, {"line": 2, "column": 8}),
        ("query($n: Int) { viewer { feed(first: $n) { edges { cursor } } } }", {"n": 1000}, {"line": 1, "column": 32}),
        ("query($n: Int = 1000) { viewer { ...V } }\nfragment V on Viewer { feed(first: $n) { edges { cursor } } }",
         {}, {"line": 2, "column": 29}),
    ],
)  # fmt: skip
async def test_a_page_that_is_too_long_is_refused_where_it_stands_in_the_document(
    client: Client, document: str, variables: dict[str, int], place: dict[str, int]
) -> None:
    (error,) = (await client.ask(document, variables, as_="ana"))["errors"]
    assert (error["message"], error["locations"]) == ("first: must be from 1 to 100, not 1000.", [place])
