"""Blocks hide notifications of the past from lists, nodes and counts, and show them again when they end."""

from collections.abc import Sequence

import pytest

from tests.notifications.support.inbox import Inbox
from tests.support.account import sign_in
from tests.support.app import App
from tests.support.client import HOME, Client
from tests.support.notifications import Shown, empty_inboxes, nodes, set_seen, shown
from tests.support.payments import sent_by
from tests.support.relay import drained
from tests.support.settings_screen import delete_account, everything_done
from tests.support.world import block

NODE = "query ($id: ID!) { node(id: $id) { id } }"


@pytest.fixture(autouse=True)
async def empty(client: Client) -> None:
    await drained(client.resources)
    await client.resources.database.fetch("DELETE FROM blocks")
    await empty_inboxes(client)


async def likes(client: Client, *handles: str) -> str:
    """Returns a post of ana which these users like, in this order."""
    post = await App(client, "ana").publishes()
    for handle in handles:
        await App(client, handle).does("LikePost", postId=post)
    await drained(client.resources)
    return post


async def blocks(client: Client, blocker: str, blocked: str) -> None:
    await App(client, blocker).does("BlockUser", userId=await App(client, blocked).global_id())


async def leaves(client: Client, handle: str) -> None:
    """Deletes an account and erases it."""
    session = await sign_in(client, handle, "last")
    answer = await delete_account(client, session["accessToken"], f"open-sesame-{handle}", giveUpBalance=True)
    assert answer["__typename"] == "DeleteAccountSuccess"
    await everything_done(client.resources)


async def unblocks(client: Client, blocker: str, blocked: str) -> None:
    await App(client, blocker).does("UnblockUser", userId=await App(client, blocked).global_id())


@pytest.mark.parametrize(("blocker", "blocked"), [("ana", "ben"), ("ben", "ana")])
async def test_a_notification_with_blocked_actors_alone_is_hidden_and_returns(
    client: Client, blocker: str, blocked: str
) -> None:
    post, ana = await likes(client, "ben"), App(client, "ana")
    (like,) = await nodes(client, "ana")
    assert await ana.badge() == (1, 1)
    await blocks(client, blocker, blocked)
    assert (await shown(client, "ana"), await ana.badge()) == ([], (0, 0))
    assert await client.data(NODE, {"id": like["id"]}, as_="ana") == {"node": None}
    await unblocks(client, blocker, blocked)
    assert (await shown(client, "ana"), await ana.badge()) == ([Shown("LIKE", "ben", 1, post)], (1, 1))
    assert await client.data(NODE, {"id": like["id"]}, as_="ana") == {"node": {"id": like["id"]}}


@pytest.mark.parametrize(("blocker", "blocked"), [("ana", "ben"), ("ben", "ana")])
async def test_a_blocked_actor_whose_account_is_erased_stays_hidden(client: Client, blocker: str, blocked: str) -> None:
    post = await likes(client, "ben")
    await App(client, "ben").comments(post)
    await drained(client.resources)
    await blocks(client, blocker, blocked)
    await leaves(client, "ben")
    assert (await shown(client, "ana"), await App(client, "ana").badge()) == ([], (0, 0))


async def test_of_several_actors_the_latest_one_with_an_account_is_shown(client: Client) -> None:
    post = await likes(client, "ben", "chi")
    await leaves(client, "chi")
    assert await shown(client, "ana") == [Shown("LIKE", "ben", 2, post)]
    await leaves(client, "ben")
    assert await shown(client, "ana") == [Shown("LIKE", None, 2, post)]


async def test_a_hidden_notification_is_not_marked(client: Client) -> None:
    await likes(client, "ben")
    (like,) = await nodes(client, "ana")
    await blocks(client, "ana", "ben")
    for name in ("MarkNotificationRead", "ArchiveNotification"):
        assert (await Inbox(client).act(name, like["id"]))["__typename"] == "NotFoundProblem"


@pytest.mark.parametrize(
    ("blocked", "actor", "actors"),
    [
        (["ben"], "lina", 2),
        (["lina"], "chi", 2),
        (["lina", "chi"], "ben", 1),
        (["ben", "chi"], "lina", 1),
        (["ben", "chi", "lina"], None, 0),
    ],
)
async def test_of_several_actors_the_latest_visible_one_is_shown(
    client: Client, blocked: Sequence[str], actor: str | None, actors: int
) -> None:
    post = await likes(client, "ben", "chi", "lina")
    for handle in blocked:
        await blocks(client, "ana", handle)
    found, badge = await shown(client, "ana"), await App(client, "ana").badge()
    assert (found, badge) == (([Shown("LIKE", actor, actors, post)], (1, 1)) if actor else ([], (0, 0)))


async def test_users_who_block_each_other_count_once(client: Client) -> None:
    post = await likes(client, "ben", "chi", "lina")
    ana, chi = await client.user_id("ana"), await client.user_id("chi")
    await block(client.resources, ana, chi)
    await block(client.resources, chi, ana)
    assert await shown(client, "ana") == [Shown("LIKE", "lina", 2, post)]


async def test_the_subject_belongs_to_the_actor_who_is_shown(client: Client) -> None:
    ana, post = App(client, "ana"), await App(client, "ana").publishes()
    comments = [await App(client, handle).comments(post) for handle in ("ben", "chi")]
    for handle in ("ben", "chi"):
        await App(client, handle).does("UnfollowUser", userId=await ana.global_id())
        await App(client, handle).does("FollowUser", userId=await ana.global_id())
    await drained(client.resources)
    before = await shown(client, "ana")
    assert before == [Shown("FOLLOW", "chi", 2, "chi"), Shown("COMMENT", "chi", 2, comments[1])]
    await blocks(client, "ana", "chi")
    assert await shown(client, "ana") == [Shown("FOLLOW", "ben", 1, "ben"), Shown("COMMENT", "ben", 1, comments[0])]


async def test_payments_stay_without_their_actor(client: Client) -> None:
    payment = await sent_by(client, "ben", "ana", 100)
    await drained(client.resources)
    await blocks(client, "ana", "ben")
    assert await shown(client, "ana") == [Shown("PAYMENT_RECEIVED", None, 1, payment)]
    assert await App(client, "ana").badge() == (1, 1)


async def test_the_badge_subtracts_what_each_count_contains(client: Client) -> None:
    await likes(client, "ben")
    await set_seen(client, "ana")
    await likes(client, "ben")
    assert await App(client, "ana").badge() == (1, 2)
    await blocks(client, "ana", "ben")
    assert await App(client, "ana").badge() == (0, 0)


async def test_the_badge_does_not_subtract_what_a_mark_includes(client: Client) -> None:
    ana, inbox = App(client, "ana"), Inbox(client)
    await likes(client, "ben")
    (seen,) = await nodes(client, "ana")
    await inbox.act("MarkNotificationsSeen", seen["id"])
    await likes(client, "chi")
    await blocks(client, "ana", "ben")
    assert await ana.badge() == (1, 1)
    (newest,) = await nodes(client, "ana")
    await inbox.act("MarkAllNotificationsRead", newest["id"])
    assert await ana.badge() == (0, 0)
    await unblocks(client, "ana", "ben")
    assert await ana.badge() == (0, 0)


async def test_a_blocked_user_does_not_join_a_group(client: Client) -> None:
    post = await likes(client, "ben")
    await App(client, "chi").does("LikePost", postId=post)
    await blocks(client, "ana", "chi")
    await drained(client.resources)
    assert await shown(client, "ana") == [Shown("LIKE", "ben", 1, post)]
    await unblocks(client, "ana", "chi")
    await drained(client.resources)
    assert await shown(client, "ana") == [Shown("LIKE", "ben", 1, post)]


async def test_hidden_notifications_leave_no_gap_in_a_page(client: Client) -> None:
    posts = [await likes(client, handle) for handle in ("ben", "chi", "ben", "lina")]
    await blocks(client, "ana", "ben")
    query = "{ viewer { notifications(first: 2) { edges { node { actor { handle } } } pageInfo { hasNextPage } } } }"
    found = (await client.data(query, as_="ana"))["viewer"]["notifications"]
    assert [edge["node"]["actor"]["handle"] for edge in found["edges"]] == ["lina", "chi"]
    assert found["pageInfo"]["hasNextPage"] is False
    assert len(posts) == 4


@pytest.mark.parametrize("blocked", [(), ("ben", "lina")])
async def test_blocks_take_no_further_statement(client: Client, statements: list[str], blocked: Sequence[str]) -> None:
    await likes(client, "ben", "chi", "lina")
    for handle in blocked:
        await blocks(client, "ana", handle)
    token = await client.token("ana")
    statements.clear()
    await client.post(HOME, token=token)
    assert len(statements) == 5, statements
