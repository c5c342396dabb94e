from collections.abc import Sequence

import pytest

from adapters.database import Database
from core.global_ids import global_id
from core.viewer import Viewer
from loaders import LOADERS
from tests.support.client import Client
from tests.support.world import change, change_count

COUNTS = "query ($id: ID!) { node(id: $id) { ... on Post { likeCount commentCount likedByViewer } } }"


async def test_counts_are_the_folded_base_and_what_came_since(client: Client) -> None:
    ana = await client.user_id("ana")
    (post,) = await client.resources.database.fetch(
        "SELECT post_id AS id, likes, comments FROM post_counts WHERE author_id = $1 LIMIT 1",
        ana,
    )
    await change_count(client.resources, ana, post["id"], "likes", 2)
    await change_count(client.resources, ana, post["id"], "likes", -1)
    await change_count(client.resources, ana, post["id"], "comments", 5)
    found = (await client.data(COUNTS, {"id": global_id("Post", ana, post["id"])}, as_="ana"))["node"]
    assert (found["likeCount"], found["commentCount"]) == (post["likes"] + 1, post["comments"] + 5)


async def test_a_post_without_folded_counts_counts_from_zero(client: Client) -> None:
    ana = await client.user_id("ana")
    (post,) = await client.resources.database.fetch("SELECT id FROM posts WHERE author_id = $1 LIMIT 1", ana)
    await change(client.resources, "DELETE FROM post_counts")
    await change_count(client.resources, ana, post["id"], "likes", 1)
    found = (await client.data(COUNTS, {"id": global_id("Post", ana, post["id"])}, as_="ana"))["node"]
    assert (found["likeCount"], found["commentCount"]) == (1, 0)


async def test_whether_the_viewer_likes_a_post_is_the_viewers_own(client: Client) -> None:
    (like,) = await client.resources.database.fetch("SELECT owner_id, post_id, user_id FROM likes LIMIT 1")
    (person,) = await client.resources.database.fetch("SELECT handle FROM users WHERE id = $1", like["user_id"])
    post = {"id": global_id("Post", like["owner_id"], like["post_id"])}
    assert (await client.data(COUNTS, post, as_=person["handle"]))["node"]["likedByViewer"] is True
    await change(client.resources, "DELETE FROM likes WHERE user_id = $1", like["user_id"])
    assert (await client.data(COUNTS, post, as_=person["handle"]))["node"]["likedByViewer"] is False
    assert (await client.data(COUNTS, post))["node"]["likedByViewer"] is False


async def test_the_badge_is_the_folded_base_and_what_came_since(client: Client) -> None:
    ana = await client.user_id("ana")
    query = "{ viewer { notificationCounts { unseen unread } } }"
    before = (await client.data(query, as_="ana"))["viewer"]["notificationCounts"]
    await change_count(client.resources, ana, ana, "unseen", 3)
    await change_count(client.resources, ana, ana, "unread", -2)
    after = (await client.data(query, as_="ana"))["viewer"]["notificationCounts"]
    assert after == {"unseen": before["unseen"] + 3, "unread": before["unread"] - 2}
    await change(client.resources, "DELETE FROM notification_counts")
    assert (await client.data(query, as_="ana"))["viewer"]["notificationCounts"] == {"unseen": 3, "unread": -2}


@pytest.mark.parametrize(
    ("field", "loader"), [("followerCount", "counts_by_user"), ("createdAt", "user_by_id"), ("bio", "user_by_id")]
)
async def test_a_user_who_is_deleted_between_two_statements_is_an_expected_error(
    client: Client, monkeypatch: pytest.MonkeyPatch, field: str, loader: str
) -> None:
    async def nothing(_database: Database, _viewer: Viewer, ids: Sequence[int]) -> list[None]:
        return [None] * len(ids)

    monkeypatch.setitem(LOADERS, loader, nothing)
    author = f"author {{ {field} }}"
    query = f"{{ viewer {{ feed(first: 1) {{ edges {{ node {{ {author} }} }} }} }} }}"
    (error,) = (await client.ask(query, as_="ana"))["errors"]
    assert (error["path"][-1], error["extensions"]["code"]) == (field, "NOT_FOUND")
