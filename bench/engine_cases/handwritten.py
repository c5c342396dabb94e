"""Builds the home screen's result without GraphQL, with the same rows, loaders and rules, in one batch per level."""

from collections.abc import Iterable, Mapping
from typing import Any

from bench.engine_cases.world import HomeContext
from core.global_ids import global_id
from schema.scalars import write_instant
from services.notifications.texts import text_of  # the text is not measured

Rows = list[Mapping[str, Any]]


async def home(context: HomeContext, *, feed_first: int = 20) -> dict[str, Any]:
    world, viewer_id = context.world, context.signed_in.user_id
    feed = context.own_page("Viewer.feed", feed_first, None).page(world.posts[: feed_first + 1])
    inbox = context.own_page("Viewer.notifications", 10, None).page(world.notifications[:11])
    paid = context.own_page("Viewer.payments", 5, None).page(world.payments[:6])
    posts, notifications, payments = list(feed["rows"]), list(inbox["rows"]), list(paid["rows"])
    threads = await _threads(context, posts)
    people = await _people(
        context,
        [
            *(post["author_id"] for post in posts),
            *(comment["author_id"] for thread in threads for comment in thread),
            *(notification["actor_id"] for notification in notifications),
            *(payment["counterparty_id"] for payment in payments),
        ],
    )
    cursors = [feed["cursor"](post) for post in posts]
    shown = [_post(post, thread, people) for post, thread in zip(posts, threads, strict=True)]
    edges = [{"cursor": cursor, "node": node} for cursor, node in zip(cursors, shown, strict=True)]
    ends = {"hasNextPage": feed["has_next"], "endCursor": cursors[-1] if cursors else None}
    return {
        "viewer": {
            "id": global_id("Viewer", viewer_id, viewer_id),
            "user": _profile(world.users[0]),
            "notificationCounts": {"unseen": world.counts["unseen"], "unread": world.counts["unread"]},
            "feed": {"edges": edges, "pageInfo": ends},
            "notifications": {"edges": [{"node": _notification(row, people)} for row in notifications]},
            "payments": {"edges": [{"node": _payment(row, people)} for row in payments]},
            "liveCursor": None,
        }
    }


async def _threads(context: HomeContext, posts: Iterable[Mapping[str, Any]]) -> list[Rows]:
    keys = [((post["author_id"], post["id"]), context.page(f"Post.comments:{post['id']}", 3, None)) for post in posts]
    pages = await context.world.batches["comments_by_post"](context.database, context.viewer, keys)
    return [list(page["rows"]) for page in pages]


async def _people(context: HomeContext, ids: Iterable[int | None]) -> dict[int | None, Any]:
    """Returns the users with these ids that the viewer may see."""
    keys = list(dict.fromkeys(ids))
    rows = await context.world.batches["user_by_id"](context.database, context.viewer, keys)
    return dict(zip(keys, await context.policy.can_see(rows), strict=True))


def _profile(user: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": global_id("User", user["id"], user["id"]),
        "handle": user["handle"],
        "name": user["name"],
        "avatarUrl": user["avatar_url"],
    }


def _name(user: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if user is None else {"id": global_id("User", user["id"], user["id"]), "name": user["name"]}


def _post(post: Mapping[str, Any], comments: Rows, people: Mapping[int | None, Any]) -> dict[str, Any]:
    return {
        "id": global_id("Post", post["author_id"], post["id"]),
        "body": post["body"],
        "createdAt": write_instant(post["created_at"]),
        "likeCount": post["like_count"],
        "commentCount": post["comment_count"],
        "likedByViewer": post["liked_by_viewer"],
        "author": _profile(people[post["author_id"]]),
        "comments": {"edges": [{"node": _comment(comment, people)} for comment in comments]},
    }


def _comment(comment: Mapping[str, Any], people: Mapping[int | None, Any]) -> dict[str, Any]:
    return {
        "id": global_id("Comment", comment["owner_id"], comment["id"]),
        "body": comment["body"],
        "author": _name(people[comment["author_id"]]),
    }


def _notification(notification: Any, people: Mapping[int | None, Any]) -> dict[str, Any]:
    read_at = notification["read_at"]
    return {
        "id": global_id("Notification", notification["owner_id"], notification["id"]),
        "kind": notification["kind"],
        "text": text_of(notification, "en"),
        "createdAt": write_instant(notification["created_at"]),
        "readAt": read_at and write_instant(read_at),
        "actor": _name(people[notification["actor_id"]]),
    }


def _payment(payment: Mapping[str, Any], people: Mapping[int | None, Any]) -> dict[str, Any]:
    return {
        "id": global_id("Payment", payment["owner_id"], payment["id"]),
        "amount": {"minorUnits": str(payment["amount"]), "currency": payment["currency"]},
        "status": payment["status"],
        "direction": payment["direction"],
        "createdAt": write_instant(payment["created_at"]),
        "counterparty": _name(people[payment["counterparty_id"]]),
    }
