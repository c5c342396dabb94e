"""Every query of `schema-operations/` but Home: its answer is real, and its statements are counted."""

from typing import Any, NamedTuple

import pytest

from core.global_ids import global_id
from core.viewer import SignedIn
from tests.support.client import HOME, Client, operation
from tests.support.search import index_all


class Read(NamedTuple):
    file: str
    name: str
    variables: dict[str, Any]
    statements: int
    sizes: tuple[int | None, ...] = (5, 50)
    """Sizes of page that are asked for; of those that follow rows of several types, such that all types occur."""


READS = [
    # The post, blocks, whether liked, whether its author is followed, comments.
    Read("feed.graphql", "Thread", {"postId": "POST"}, 7),
    # The person, blocks, counts, whether followed, posts, followers.
    Read("feed.graphql", "Profile", {"handle": "ben"}, 6),
    Read("feed.graphql", "FeedPage", {"first": 20}, 1),
    # What is found, and its rows by type.
    Read("feed.graphql", "Search", {"query": "train", "types": ["POST"]}, 2),
    Read("feed.graphql", "Search", {"query": "the"}, 3, (50, 100)),
    # The people, blocks.
    Read("feed.graphql", "BlockedUsers", {}, 2),
    # The address, devices.
    Read("account.graphql", "Devices", {}, 2, (None,)),
    # The wallet, its entries, their payments, cards.
    Read("payments.graphql", "WalletScreen", {}, 4),
    Read("payments.graphql", "PaymentScreen", {"id": "PAYMENT"}, 1, (None,)),
    # The badge, notifications, preferences, subjects of four types, blocks.
    Read("notifications.graphql", "Inbox", {}, 8, (20, 100)),
]


async def ids(client: Client) -> dict[str, str]:
    home = (await client.data(HOME, as_="ana"))["viewer"]
    return {"POST": home["feed"]["edges"][0]["node"]["id"], "PAYMENT": home["payments"]["edges"][0]["node"]["id"]}


@pytest.mark.parametrize("read", READS, ids=[f"{read.name}-{number}" for number, read in enumerate(READS)])
async def test_a_query_answers_ana_with_real_rows_and_the_same_statements_whatever_its_size(
    client: Client, statements: list[str], read: Read
) -> None:
    known = await ids(client)
    variables = {name: known.get(str(value), value) for name, value in read.variables.items()}
    await client.resources.database.fetch("UPDATE users SET name = 'The Ben' WHERE handle = 'ben'")
    await index_all(client.resources)
    token = await client.token("ana")
    for size in read.sizes:
        statements.clear()
        sent = variables if size is None else {**variables, "first": size}
        answer = (await client.post(operation(read.file, read.name), sent, token=token)).json()
        assert "errors" not in answer, answer
        assert len(statements) == read.statements, statements
        assert edges_of(answer["data"]), "nothing real in it"


def edges_of(value: Any) -> list[Any]:
    """Every node of every page in an answer, or the leaves where there is no page."""
    if isinstance(value, dict):
        if "edges" in value:
            return [edge["node"] for edge in value["edges"]]
        return [found for each in value.values() for found in edges_of(each)]
    return [value] if isinstance(value, str) and len(value) > 1 else []


async def test_a_profile_is_the_persons(client: Client) -> None:
    profile = (await client.data(operation("feed.graphql", "Profile"), {"handle": "BEN"}, as_="ana"))["user"]
    ben = await client.user_id("ben")
    (counts,) = await client.resources.database.fetch("SELECT * FROM user_counts WHERE user_id = $1", ben)
    assert profile["handle"] == "ben"
    assert (profile["followerCount"], profile["followingCount"]) == (counts["followers"], counts["following"])
    assert profile["postCount"] == counts["posts"] == len(profile["posts"]["edges"])
    assert (profile["followedByViewer"], profile["blockedByViewer"]) == (True, False)
    assert len(profile["followers"]["edges"]) == 5
    days = [edge["node"]["createdAt"] for edge in profile["posts"]["edges"]]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("handle", ["nobody", "", "ana\0", "'; DROP TABLE users; --", "x" * 10_000])
async def test_a_handle_that_is_nobodys_is_null(client: Client, handle: str) -> None:
    query = "query ($handle: String!) { user(handle: $handle) { id } }"
    assert await client.ask(query, {"handle": handle}, as_="ana") == {"data": {"user": None}}


async def test_pages_of_followers_and_of_a_profiles_posts_follow_each_other(client: Client) -> None:
    for field in ("followers", "posts"):
        page_of = f"{field}(first: $first, after: $after)"
        selection = "edges { node { id } } pageInfo { hasNextPage endCursor }"
        query = f'query ($after: String, $first: Int) {{ user(handle: "ana") {{ {page_of} {{ {selection} }} }} }}'
        whole = (await client.data(query, {"first": 100}))["user"][field]["edges"]
        seen: list[Any] = []
        after = None
        while True:
            page = (await client.data(query, {"first": 2, "after": after}))["user"][field]
            seen += page["edges"]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        assert seen == whole
        assert len(seen) > 2


async def test_blocked_users_are_the_viewers_own_and_hidden_when_they_block_back(client: Client) -> None:
    query = operation("feed.graphql", "BlockedUsers")
    blocked = (await client.data(query, as_="ana"))["viewer"]["blockedUsers"]["edges"]
    assert [edge["node"]["blockedByViewer"] for edge in blocked] == [True]
    assert (await client.data(query, as_="kai"))["viewer"]["blockedUsers"]["edges"] == []


async def test_devices_say_which_one_asks(client: Client) -> None:
    ana = await client.user_id("ana")
    rows = await client.resources.database.fetch("SELECT id FROM devices WHERE owner_id = $1 ORDER BY id DESC", ana)
    token, _ = client.resources.access_tokens.issue(SignedIn(ana, rows[1]["id"]))
    answer = (await client.post(operation("account.graphql", "Devices"), token=token)).json()
    viewer = answer["data"]["viewer"]
    assert viewer["email"] == "ana@example.com"
    assert [edge["node"]["current"] for edge in viewer["devices"]["edges"]] == [False, True, False]
    assert [edge["node"]["pushEnabled"] for edge in viewer["devices"]["edges"]] == [False] * 3


async def test_nodes_come_in_the_order_of_their_ids_each_once_loaded(client: Client, statements: list[str]) -> None:
    known = await ids(client)
    ana = await client.user_id("ana")
    wanted = [known["POST"], global_id("User", ana, ana), global_id("Post", ana, 1), known["POST"]]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    statements.clear()
    found = (await client.data(query, {"ids": wanted}, as_="ana"))["nodes"]
    assert [node and node["id"] for node in found] == [wanted[0], wanted[1], None, wanted[3]]
    assert len(statements) == 4, statements  # one of them is the test's own look-up of ana


@pytest.mark.parametrize(("given", "argument"), [(["junk"], "ids.0"), (["AQEEvrgEgARMtg", ""], "ids.1")])
async def test_a_malformed_id_among_several_is_named_by_its_place(
    client: Client, statements: list[str], given: list[str], argument: str
) -> None:
    answer = await client.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": given})
    assert answer["errors"][0]["extensions"]["argument"] == argument
    assert statements == []


async def test_more_ids_than_a_hundred_are_refused(client: Client, statements: list[str]) -> None:
    many = {"ids": ["AQEEvrgEgARMtg"] * 101}
    answer = await client.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", many)
    assert answer["errors"][0]["extensions"]["argument"] == "ids"
    assert statements == []
