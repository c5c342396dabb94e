"""Changes since a cursor, for apps that were away."""

import pytest

from core.errors import ErrorCode
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import SYNC, Following


async def sync(client: Client, since: str | None = None, first: int = 100) -> dict[str, object]:
    return (await client.data(SYNC, {"since": since, "first": first}, as_="ana"))["sync"]


async def test_changes_are_named_once_each_with_their_latest_kind(following: Following, client: Client) -> None:
    ben = App(client, "ben")
    start = await sync(client)
    assert (start["reset"], start["changes"]) == (True, [])
    kept, deleted = await ben.publishes("kept"), await ben.publishes("deleted")
    await following.project()
    await ben.does("EditPost", postId=kept, body="edited")
    await ben.does("DeletePost", postId=deleted)
    await following.project()
    page = await sync(client, str(start["cursor"]))
    assert page["changes"] == [
        {"__typename": "NodeChanged", "node": {"__typename": "Post", "id": kept}},
        {"__typename": "NodeDeleted", "nodeId": deleted},
    ]
    assert (page["reset"], page["hasMore"]) == (False, False)
    again = await sync(client, str(page["cursor"]))
    assert (again["changes"], again["cursor"]) == ([], page["cursor"])


async def test_pages_continue_where_they_ended(following: Following, client: Client) -> None:
    ben = App(client, "ben")
    cursor = str((await sync(client))["cursor"])
    posts = [await ben.publishes(str(number)) for number in range(5)]
    await following.project()
    found: list[str] = []
    for more in (True, True, False):
        page = await sync(client, cursor, first=2)
        found += [change["node"]["id"] for change in page["changes"]]  # type: ignore[union-attr, index]
        assert page["hasMore"] is more
        cursor = str(page["cursor"])
    assert found == posts


async def test_a_feed_that_changed_as_a_whole_is_a_reset(following: Following, client: Client) -> None:
    cursor = str((await sync(client))["cursor"])
    await App(client, "ana").does("UnfollowUser", userId=await App(client, "ben").global_id())
    await following.project()
    page = await sync(client, cursor)
    assert (page["reset"], page["changes"], page["hasMore"]) == (True, [], False)
    post = await App(client, "ana").publishes()
    await following.project()
    later = await sync(client, str(page["cursor"]))
    assert later["changes"] == [{"__typename": "NodeChanged", "node": {"__typename": "Post", "id": post}}]


async def test_what_the_viewer_does_not_see_any_more_is_deleted(following: Following, client: Client) -> None:
    cursor = str((await sync(client))["cursor"])
    post = await App(client, "ben").publishes()
    await following.project()
    await client.resources.database.fetch("UPDATE posts SET deleted_at = created_at WHERE body = $1", "Hello")
    page = await sync(client, cursor)
    assert page["changes"] == [{"__typename": "NodeDeleted", "nodeId": post}]


async def test_events_follow_the_cursor_of_a_page(following: Following, client: Client) -> None:
    cursor = str((await sync(client))["cursor"])
    post = await App(client, "ben").publishes()
    await following.project()
    async with following.viewer("ana", cursor) as ana:
        assert (await ana.event())["post"]["id"] == post
    page = await sync(client, ana.cursor)
    assert (page["changes"], page["reset"]) == ([], False)


@pytest.mark.parametrize(("variables", "argument"), [({"since": "x"}, "since"), ({"first": 0}, "first")])
async def test_bad_arguments_are_named(client: Client, variables: dict[str, object], argument: str) -> None:
    answer = await client.ask(SYNC, variables, as_="ana")
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == ErrorCode.BAD_USER_INPUT
    assert argument in error["message"]


async def test_a_cursor_of_another_user_is_rejected(client: Client) -> None:
    cursor = (await sync(client))["cursor"]
    answer = await client.ask(SYNC, {"since": cursor}, as_="ben")
    assert answer["errors"][0]["extensions"]["code"] == ErrorCode.BAD_USER_INPUT
