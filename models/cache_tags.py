"""Tags of the response cache: names of what a statement reads and a write changes.

A cached response contains the tags of all rows and lists that it was made from. It is current until one of them moves.
The viewer's own tag is part of every response for a viewer, so statements do not name rows of the viewer alone.
"""

from collections.abc import Iterable, Sequence
from typing import Any

COUNT = "Count:"
"""The prefix of counts of what other users did. They may be a few seconds old in cached responses."""

PRIVATE = "Viewer:"
"""The prefix of the tags of responses for one viewer."""

POPULAR_AUTHORS = "PopularAuthors"
"""The set of authors whose posts are looked up. It grows rarely."""


def user(user_id: int) -> str:
    """Returns the tag of a user's row."""
    return f"User:{user_id}"


def posts_of(author_id: int) -> str:
    """Returns the tag of the list of an author's posts."""
    return f"User:{author_id}.posts"


def followers_of(user_id: int) -> str:
    """Returns the tag of the list of a user's followers."""
    return f"User:{user_id}.followers"


def own_counts(user_id: int) -> str:
    """Returns the tag of the counts of what a user did: their posts, and the users they follow."""
    return f"User:{user_id}.counts"


def follower_count(user_id: int) -> str:
    """Returns the tag of the count of a user's followers."""
    return f"{COUNT}User:{user_id}"


def post(post_id: int) -> str:
    """Returns the tag of a post."""
    return f"Post:{post_id}"


def comments_of(post_id: int) -> str:
    """Returns the tag of the list of a post's comments, and of each of them."""
    return f"Post:{post_id}.comments"


def post_counts(post_id: int) -> str:
    """Returns the tag of a post's counts of likes and comments."""
    return f"{COUNT}Post:{post_id}"


def viewer(user_id: int) -> str:
    """Returns the tag of everything that a user wrote, and of blocks that concern them."""
    return f"Viewer:{user_id}"


def feed_of(user_id: int) -> str:
    """Returns the tag of a user's feed entries."""
    return f"Viewer:{user_id}.feed"


def notifications_of(user_id: int) -> str:
    """Returns the tag of a user's inbox and its counts."""
    return f"Viewer:{user_id}.notifications"


def stream_of(user_id: int) -> str:
    """Returns the tag of a user's event stream, whose end is their `liveCursor`."""
    return f"Viewer:{user_id}.stream"


def payments_of(user_id: int) -> str:
    """Returns the tag of a user's payments, wallet and cards."""
    return f"Viewer:{user_id}.payments"


def reads_own_rows(_values: Sequence[Any], _rows: Sequence[Any]) -> Iterable[str]:
    """Returns no tag: only the viewer's own writes change the rows."""
    return ()


def reads_users(_values: Sequence[Any], rows: Sequence[Any]) -> Iterable[str]:
    """Returns the tags of users."""
    return [f"User:{row['id']}" for row in rows]


def reads_users_by_id(values: Sequence[Any], _rows: Sequence[Any]) -> Iterable[str]:
    """Returns the tags of the users with the ids of the first value, whether they exist or not."""
    return [f"User:{user_id}" for user_id in values[0]]


def reads_user_by_handle(_values: Sequence[Any], rows: Sequence[Any]) -> Iterable[str] | None:
    """Returns the tag of a user. None if there is none: no event names the handle of a new user."""
    return [user(rows[0]["id"])] if rows else None


def reads_user_counts(values: Sequence[Any], _rows: Sequence[Any]) -> Iterable[str]:
    """Returns the tags of the counts of the users with the ids of the first value."""
    return [tag(user_id) for user_id in values[0] for tag in (own_counts, follower_count)]


def reads_followers(values: Sequence[Any], rows: Sequence[Any]) -> Iterable[str]:
    """Returns the tags of the lists of followers of the users of the first value, and of these followers."""
    return [*map(followers_of, values[0]), *reads_users(values, rows)]


def reads_blocks(values: Sequence[Any], _rows: Sequence[Any]) -> Iterable[str]:
    """Returns the tags of the users whose blocks are read, the first value."""
    return map(viewer, values[0])


def reads_own_account(values: Sequence[Any], _rows: Sequence[Any]) -> Iterable[str]:
    """Returns the tags of the user with the id of the first value, of their inbox and of their stream."""
    return (user(values[0]), notifications_of(values[0]), stream_of(values[0]))


def reads_posts(_values: Sequence[Any], rows: Sequence[Any]) -> Iterable[str]:
    """Returns the tags of posts: those of their texts, counts and authors."""
    tags = [f"Post:{row['id']}" for row in rows]
    tags += [f"{COUNT}Post:{row['id']}" for row in rows]
    tags += [f"User:{row['author_id']}" for row in rows]
    return tags


def reads_posts_by_id(values: Sequence[Any], rows: Sequence[Any]) -> Iterable[str]:
    """Returns the tags of the posts with the ids of the second value, whether they exist or not, and of their rows."""
    return [*map(post, values[1]), *reads_posts(values, rows)]


def reads_posts_of_authors(values: Sequence[Any], rows: Sequence[Any]) -> Iterable[str]:
    """Returns the tags of posts, and of the lists of the authors of the first value."""
    return [*map(posts_of, values[0]), *reads_posts(values, rows)]


def reads_feed(values: Sequence[Any], rows: Sequence[Any]) -> Iterable[str] | None:
    """Returns the tags of the posts of a feed, and of the lists of authors whose posts are looked up.

    The first row names these authors in `pulled_authors`. None without rows.
    """
    if not rows:
        return None
    pulled_authors: str = rows[0]["pulled_authors"] or ""
    return [
        feed_of(values[0]),
        POPULAR_AUTHORS,
        *map(posts_of, map(int, pulled_authors.split())),
        *reads_posts(values, rows),
    ]


def reads_comments(_values: Sequence[Any], rows: Sequence[Any]) -> Iterable[str]:
    """Returns the tags of comments: those of their posts and authors."""
    posts = {row["post_id"] for row in rows}
    return [*map(post, posts), *map(comments_of, posts), *[f"User:{row['author_id']}" for row in rows]]


def reads_comments_of_posts(values: Sequence[Any], rows: Sequence[Any]) -> Iterable[str]:
    """Returns the tags of the lists of comments of the posts of the second value, and of the authors of comments."""
    return [*map(comments_of, values[1]), *[f"User:{row['author_id']}" for row in rows]]


def reads_notifications(values: Sequence[Any], rows: Sequence[Any]) -> Iterable[str]:
    """Returns the tags of the inbox of the first value, and of the users whose acts the notifications are about."""
    return [*map(notifications_of, _listed(values[0])), *[f"User:{row['actor_id']}" for row in rows]]


def reads_notification_counts(values: Sequence[Any], _rows: Sequence[Any]) -> Iterable[str]:
    """Returns the tags of the inboxes of the users of the first value."""
    return map(notifications_of, values[0])


def reads_payments(_values: Sequence[Any], rows: Sequence[Any]) -> Iterable[str] | None:
    """Returns the tags of the payments of the party, and of the counterparties. None without rows."""
    if not rows:
        return None
    return [payments_of(rows[0]["party_id"]), *[f"User:{row['counterparty_id']}" for row in rows]]


def reads_wallets(values: Sequence[Any], _rows: Sequence[Any]) -> Iterable[str]:
    """Returns the tags of the payments of the owners of the first value."""
    return map(payments_of, _listed(values[0]))


def _listed(value: Any) -> list[int]:
    return value if isinstance(value, list) else [value]
