"""A history of two users, for tests of the checker."""

from typing import Any

from core.global_ids import global_id
from tests.response_cache.support.checker import Checker
from tests.response_cache.support.faults import Read
from tests.response_cache.support.history import Comment, History, Post, User
from tests.response_cache.support.projected import Projected
from tests.response_cache.support.registers import Register

Json = dict[str, Any]
ANA, BEN = 1, 2
READ_AT = 100.0


def write(register: Register, value: int, began: float, acknowledged: float | None = None) -> None:
    """Writes a value. Without an acknowledgement the client gave up after a second."""
    written = register.begin(value, began)
    if acknowledged is None:
        written.lose(began + 1)
    else:
        written.acknowledge(acknowledged)


class World:
    """Has two users. Ana has published a post that Ben has commented on; she reads at `READ_AT`."""

    def __init__(self) -> None:
        self.history = History()
        self.projected = Projected(self.history)
        self.checker = Checker(self.history, self.projected, max_age=6.0)
        self.ana, self.ben = self.user("ana", ANA), self.user("ben", BEN)
        self.post = self.published("ana-1", self.ana, 11)
        self.theirs = self.published("ben-1", self.ben, 12)
        self.comment = self.history.add_comment("ben-c1", "ben", self.post)
        write(self.comment.register, 1, 3, 4)
        self.history.bind(self.comment, global_id("Comment", ANA, 21))

    def user(self, handle: str, row_id: int) -> User:
        user = self.history.add_user(handle)
        write(user.register, 1, 0, 1)
        self.history.bind(user, global_id("User", row_id, row_id))
        return user

    def published(self, key: str, author: User, row_id: int) -> Post:
        post = self.history.add_post(key, author)
        write(post.register, 1, 2, 3)
        self.history.bind(post, global_id("Post", author.row_id, row_id))
        return post

    def kinds(self, data: Json, operation: str = "Home", viewer: str | None = "ana", **variables: Any) -> set[str]:
        """Returns the kinds of faults in a response."""
        self.checker.check(Read(viewer, operation, variables, READ_AT, READ_AT + 1, "server"), data)
        return set(self.checker.faults.kinds)

    def feed(self, *posts: Post) -> set[str]:
        return self.kinds({"viewer": {"feed": page(*(node(post) for post in posts))}})

    def profile(self, user: User, **fields: Any) -> set[str]:
        shown = {"id": user.id, "handle": user.handle, **fields}
        return self.kinds({"user": shown}, "Profile", handle=user.handle)

    def thread(self, post: Post, **fields: Any) -> set[str]:
        return self.kinds({"node": node(post) | fields}, "Thread", postId=post.id)


def node(subject: Post | Comment, version: int = 1) -> Json:
    body = f"{subject.key} v{version}" if isinstance(subject, Post) else subject.key
    return {"id": subject.id, "body": body}


def page(*nodes: Json) -> Json:
    return {"edges": [{"node": one} for one in nodes], "pageInfo": {"hasNextPage": False}}
