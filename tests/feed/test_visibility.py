from typing import Any

import pytest

from core.global_ids import global_id, read_global_id
from tests.support.client import HOME, Client
from tests.support.world import NOW, block, change

BODY_OF = "query ($id: ID!) { node(id: $id) { __typename ... on Post { body } ... on Comment { body } } }"
PERSON = "query ($id: ID!) { node(id: $id) { ... on User { id handle name avatarUrl bio } } }"


def people_in(viewer: dict[str, Any]) -> set[str]:
    """Returns the ids of all users in a home screen's feed."""
    posts = [edge["node"] for edge in viewer["feed"]["edges"]]
    comments = [edge["node"] for post in posts for edge in post["comments"]["edges"]]
    return {content["author"]["id"] for content in (*posts, *comments)}


@pytest.mark.parametrize("who_blocks", ["ana", "ben"])
async def test_a_block_hides_both_from_each_others_home_screens(client: Client, who_blocks: str) -> None:
    ana, ben = await client.user_id("ana"), await client.user_id("ben")
    bens_id = global_id("User", ben, ben)
    before = (await client.data(HOME, {"feedFirst": 100}, as_="ana"))["viewer"]
    assert bens_id in people_in(before)

    await block(client.resources, *((ana, ben) if who_blocks == "ana" else (ben, ana)))

    for reader, other in (("ana", ben), ("ben", ana)):
        viewer = (await client.data(HOME, {"feedFirst": 100}, as_=reader))["viewer"]
        assert viewer["feed"]["edges"]
        assert global_id("User", other, other) not in people_in(viewer)


async def test_comments_of_a_blocked_person_leave_no_gap_in_the_first_three(client: Client) -> None:
    before = (await client.data(HOME, {"feedFirst": 100}, as_="ana"))["viewer"]["feed"]["edges"]
    busy = next(edge["node"] for edge in before if edge["node"]["commentCount"] >= 4)
    (first, *_) = busy["comments"]["edges"]
    commenter = (
        await client.resources.database.fetch("SELECT id FROM users WHERE name = $1", first["node"]["author"]["name"])
    )[0]["id"]
    await block(client.resources, commenter, await client.user_id("ana"))

    after = (await client.data(HOME, {"feedFirst": 100}, as_="ana"))["viewer"]["feed"]["edges"]
    now = next(edge["node"] for edge in after if edge["node"]["id"] == busy["id"])
    assert len(now["comments"]["edges"]) == 3
    assert now["comments"]["edges"][:2] == busy["comments"]["edges"][1:]


async def test_a_block_hides_notifications_and_keeps_those_of_payments_without_the_person(client: Client) -> None:
    query = "{ viewer { notifications(first: 100) { edges { node { id kind text actor { id name } } } } } }"
    before = (await client.data(query, as_="ana"))["viewer"]["notifications"]["edges"]
    with_actor = before[0]["node"]
    name = with_actor["actor"]["name"]
    (actor,) = await client.resources.database.fetch("SELECT id FROM users WHERE name = $1", name)
    await block(client.resources, actor["id"], await client.user_id("ana"))

    after = (await client.data(query, as_="ana"))["viewer"]["notifications"]["edges"]
    of_others = [edge["node"] for edge in before if edge["node"]["actor"] and edge["node"]["actor"]["name"] != name]
    assert [edge["node"] for edge in after if edge["node"]["actor"]] == of_others
    assert {edge["node"]["kind"] for edge in after if not edge["node"]["actor"]} <= {"PAYMENT_RECEIVED", "REFUND"}
    assert not [edge for edge in after if name in str(edge)]


async def test_a_block_takes_the_person_out_of_payments_and_keeps_the_amounts(client: Client) -> None:
    query = (
        "{ viewer { payments(first: 100) { edges { node { id amount { minorUnits } counterparty { handle } } } } } }"
    )
    before = (await client.data(query, as_="ana"))["viewer"]["payments"]["edges"]
    await block(client.resources, await client.user_id("ben"), await client.user_id("ana"))

    after = (await client.data(query, as_="ana"))["viewer"]["payments"]["edges"]

    def counterparties(edges: list[dict[str, Any]]) -> set[str]:
        return {edge["node"]["counterparty"]["handle"] for edge in edges if edge["node"]["counterparty"]}

    assert {"ben", "chi", "dia"} <= counterparties(before)
    assert counterparties(after) == counterparties(before) - {"ben"}
    assert [edge["node"]["amount"] for edge in after] == [edge["node"]["amount"] for edge in before]


async def test_a_blocked_person_finds_nothing_of_the_blocker_by_id(client: Client) -> None:
    ana, ben = await client.user_id("ana"), await client.user_id("ben")
    (post,) = await client.resources.database.fetch("SELECT id FROM posts WHERE author_id = $1 LIMIT 1", ben)
    ids = [global_id("User", ben, ben), global_id("Post", ben, post["id"])]
    await block(client.resources, ben, ana)
    for each in ids:
        assert await client.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": each}, as_="ana") == {
            "data": {"node": None}
        }
        assert (await client.data("query ($id: ID!) { node(id: $id) { id } }", {"id": each}))["node"] == {"id": each}


async def test_the_blocker_still_sees_who_it_is_that_they_blocked(client: Client) -> None:
    ana, ben = await client.user_id("ana"), await client.user_id("ben")
    await change(client.resources, "UPDATE users SET bio = 'Hello' WHERE id = $1", ben)
    person = {"id": global_id("User", ben, ben)}
    before = (await client.data(PERSON, person, as_="ana"))["node"]
    assert before["bio"] == "Hello"
    await block(client.resources, ana, ben)
    assert (await client.data(PERSON, person, as_="ana"))["node"] == {**before, "bio": None}
    (post,) = await client.resources.database.fetch("SELECT id FROM posts WHERE author_id = $1 LIMIT 1", ben)
    assert (await client.data(BODY_OF, {"id": global_id("Post", ben, post["id"])}, as_="ana"))["node"] is None


async def test_a_deleted_post_is_gone_from_feeds_and_by_id_with_its_comments(client: Client) -> None:
    home = (await client.data(HOME, {"feedFirst": 50}, as_="ana"))["viewer"]
    post = next(edge["node"] for edge in home["feed"]["edges"] if edge["node"]["comments"]["edges"])
    comment = post["comments"]["edges"][0]["node"]["id"]
    assert (await client.data(BODY_OF, {"id": comment}))["node"]["__typename"] == "Comment"
    row = read_global_id(post["id"], "id")
    await change(
        client.resources, "UPDATE posts SET deleted_at = $1 WHERE author_id = $2 AND id = $3", NOW, row.owner_id, row.id
    )
    after = (await client.data(HOME, {"feedFirst": 50}, as_="ana"))["viewer"]
    assert post["id"] not in [edge["node"]["id"] for edge in after["feed"]["edges"]]
    for each in (post["id"], comment):
        assert (await client.data(BODY_OF, {"id": each}, as_="ana"))["node"] is None


async def test_a_deleted_comment_is_gone(client: Client) -> None:
    home = (await client.data(HOME, {"feedFirst": 50}, as_="ana"))["viewer"]
    post = next(edge["node"] for edge in home["feed"]["edges"] if edge["node"]["comments"]["edges"])
    comment = post["comments"]["edges"][0]["node"]["id"]
    await change(client.resources, "UPDATE comments SET deleted_at = $1", NOW)
    assert (await client.data(BODY_OF, {"id": comment}, as_="ana"))["node"] is None
    after = (await client.data(HOME, {"feedFirst": 50}, as_="ana"))["viewer"]["feed"]["edges"]
    assert [edge["node"]["comments"]["edges"] for edge in after] == [[]] * len(after)


@pytest.mark.parametrize("as_", [None, "ben"])
async def test_others_private_rows_look_missing(client: Client, as_: str | None) -> None:
    ana = await client.user_id("ana")
    (notification,) = await client.resources.database.fetch(
        "SELECT id FROM notifications WHERE owner_id = $1 LIMIT 1", ana
    )
    (payment,) = await client.resources.database.fetch(
        "SELECT id FROM payments WHERE owner_id = $1 AND kind = 'TOP_UP' LIMIT 1", ana
    )
    (device, *_) = await client.resources.database.fetch("SELECT id FROM devices WHERE owner_id = $1", ana)
    rows = {"Notification": notification["id"], "Payment": payment["id"], "Device": device["id"]}
    for each in (global_id(typename, ana, row_id) for typename, row_id in rows.items()):
        query = "query ($id: ID!) { node(id: $id) { id } }"
        assert await client.ask(query, {"id": each}, as_=as_) == {"data": {"node": None}}
        assert (await client.data(query, {"id": each}, as_="ana"))["node"] == {"id": each}


async def test_what_does_not_exist_is_null(client: Client) -> None:
    ana = await client.user_id("ana")
    for typename in ("User", "Post", "Comment", "Notification", "Payment", "Device", "Viewer"):
        query = "query ($id: ID!) { node(id: $id) { id } }"
        owner, row = {"User": (1, 1), "Viewer": (ana, ana)}.get(typename, (ana, 1))
        wanted = {"id": global_id(typename, owner, row)}
        assert await client.ask(query, wanted, as_="ana") == {"data": {"node": None}}, typename


@pytest.mark.parametrize("is_popular", [False, True])
async def test_posts_of_a_deleted_account_leave_no_gap_in_a_page(client: Client, *, is_popular: bool) -> None:
    """Between `deleteAccount` and the erasure, the posts of the account exist without their author."""
    query = "{ viewer { feed(first: 5) { edges { node { id author { handle } } } pageInfo { hasNextPage } } } }"
    before = (await client.data(query, as_="ana"))["viewer"]["feed"]
    gone = next(handle for edge in before["edges"] if (handle := edge["node"]["author"]["handle"]) != "ana")
    if is_popular:
        await change(
            client.resources, "UPDATE posts SET pulled = true WHERE author_id = $1", await client.user_id(gone)
        )
        await change(
            client.resources,
            "INSERT INTO popular_authors (author_id, since_at) VALUES ($1, $2)",
            await client.user_id(gone),
            NOW,
        )
    await change(client.resources, "DELETE FROM users WHERE id = $1", await client.user_id(gone))
    after = (await client.data(query, as_="ana"))["viewer"]["feed"]
    assert gone not in {edge["node"]["author"]["handle"] for edge in after["edges"]}
    assert len(after["edges"]) == 5
    assert after["pageInfo"]["hasNextPage"] is True
