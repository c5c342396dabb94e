"""Checks that lists contain everything that had to be in them."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any

from core.ids import MAX_ID
from tests.response_cache.support.faults import Faults, Read
from tests.response_cache.support.history import Comment, History, Post, User
from tests.response_cache.support.projected import Projected
from tests.response_cache.support.registers import Register

Json = dict[str, Any]


class Absences:
    """Decides what a read may not show, and adds faults for what it had to show."""

    def __init__(self, history: History, projected: Projected, faults: Faults) -> None:
        self._history = history
        self._projected = projected
        self._faults = faults

    def user_may_be_hidden(self, user: User, read: Read) -> bool:
        """Returns whether the account may be deleted, or the user may have blocked the viewer."""
        if user.register.may_be_absent(read.since, read.until):
            return True
        return read.viewer is not None and self._is_present(self._history.blocked[user.handle].get(read.viewer), read)

    def content_may_be_hidden(self, author: str, read: Read) -> bool:
        """Returns whether the author's account may be deleted, or one of the two may have blocked the other."""
        if self._history.users[author].register.may_be_absent(read.since, read.until):
            return True
        return self._history.may_be_blocked(read.viewer, author, read.since, read.until)

    def post_may_be_hidden(self, post: Post, read: Read) -> bool:
        return post.register.may_be_absent(read.since, read.until) or self.content_may_be_hidden(post.author, read)

    def comment_may_be_hidden(self, comment: Comment, read: Read) -> bool:
        may_be_deleted = comment.register.may_be_absent(read.since, read.until)
        return may_be_deleted or self.content_may_be_hidden(comment.author, read)

    def posts(self, kind: str, required: Iterable[Post], edges: Sequence[Json], read: Read) -> None:
        """Checks that a page of posts contains the required ones."""
        shown = {edge["node"]["id"] for edge in edges if edge["node"]}
        for post in required:
            if post.id not in shown and not self.post_may_be_hidden(post, read):
                self._faults.add(kind, post.key, read, "absent", post.register.writes)

    def posts_of(self, author: str, connection: Json) -> list[Post]:
        """Returns the known posts of an author that are not after the end of the page."""
        last = self.end_of_newest_first(connection)
        ordered = self._history.users[author].ordered
        return [self._history.posts[key] for _, key in ordered[bisect_left(ordered, (last + 1, "")) :]]

    def feed(self, viewer: str, connection: Json, read: Read) -> None:
        self.posts("own post in feed", self.posts_of(viewer, connection), connection["edges"], read)
        after = self.end_of_newest_first(connection)
        followed = self._projected.required_posts(viewer, after, read.since, read.until)
        self.posts("projected post in feed", followed, connection["edges"], read)

    def end_of_newest_first(self, connection: Json) -> int:
        """Returns the row id of the last visible item; 0 if there is no next page.

        Of a page that contains hidden items only, nothing is known.
        """
        if not connection.get("pageInfo", {}).get("hasNextPage", True):
            return 0
        ids = [edge["node"]["id"] for edge in connection["edges"] if edge["node"]]
        return self._history.parts(ids[-1]).id if ids else MAX_ID

    def comments(self, post: Post, connection: Json, first: int, read: Read) -> None:
        """Checks a first page of comments, oldest first."""
        edges = [edge for edge in connection["edges"] if edge["node"]]
        shown = {edge["node"]["id"] for edge in edges}
        last = 0 if not edges else self._history.parts(edges[-1]["node"]["id"]).id
        if len(connection["edges"]) < first:
            last = MAX_ID
        for row_id, comment in post.ordered:
            if row_id > last:
                return
            if comment.id not in shown and not self.comment_may_be_hidden(comment, read):
                self._faults.add("comment in list", comment.key, read, "absent", comment.register.writes)

    def followers(self, author: str, connection: Json, first: int, read: Read) -> None:
        """Checks a first page of followers, the latest first. Followers of before the last shown one may be missing.

        The statement of the followers may follow a deletion or a block of the account that an earlier one has read.
        """
        if self.content_may_be_hidden(author, read):
            return
        registers = self._history.followers[author]
        shown = [edge["node"]["handle"] for edge in connection["edges"] if edge["node"]]
        latest = -inf
        if len(connection["edges"]) >= first:
            last = registers.get(shown[-1]) if shown else None
            latest = inf if last is None else max(write.ended for write in last.candidates(-inf, read.until))
        for follower, register in registers.items():
            writes = register.candidates(read.since, read.until)
            must = all(write.value > 0 and write.is_change and write.began > latest for write in writes)
            if must and follower not in shown and not self.content_may_be_hidden(follower, read):
                self._faults.add("follower in list", f"{follower} of {author}", read, "absent", register.writes)

    def members(self, kind: str, registers: Mapping[str, Register], shown: set[str], read: Read) -> None:
        """Checks a complete list of what has registers, such as blocked users or devices."""
        for key, register in registers.items():
            if key in shown or register.may_be_absent(read.since, read.until):
                continue
            user = self._history.users.get(key)
            if user is None or not user.register.may_be_absent(read.since, read.until):
                self._faults.add(kind, key, read, "absent", register.writes)

    def notification_may_be_hidden(self, row: int, read: Read) -> bool:
        """Returns whether an actor of a notification may be hidden, also if its actors were not seen."""
        actors = self._projected.actors.get(row)
        return not actors or any(self.content_may_be_hidden(actor, read) for actor in actors)

    def notifications(self, viewer: str, connection: Json, read: Read, first: int) -> None:
        edges = connection["edges"]
        shown = {self._history.parts(edge["node"]["id"]).id for edge in edges if edge["node"]}
        after = min(shown, default=0) if len(edges) >= first else 0
        told = self._history.users[viewer].notifications
        for row in self._projected.required_notifications(viewer, after, read.since):
            may_be_archived = row in told and told[row].listed.may_be_absent(read.since, read.until)
            if row not in shown and not may_be_archived and not self.notification_may_be_hidden(row, read):
                poll = self._projected.inboxes[viewer][row]
                self._faults.add("projected notification", f"{row} of {viewer}", read, "absent", f"seen {poll}")

    @staticmethod
    def _is_present(register: Register | None, read: Read) -> bool:
        return register is not None and register.may_be_present(read.since, read.until)
