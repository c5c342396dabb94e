"""The users of the campaign, and random choices by a power law: few users and posts get most of the reads."""

from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import TypeVar

from tests.response_cache.support.history import Comment, History, Post, User
from tests.response_cache.support.reading import Session

Item = TypeVar("Item")
_NEWEST = 10
"""Posts are chosen among so many newest ones of an author."""


class People:
    """Holds the lasting users with their sessions, and the temporary ones."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.sessions: list[Session] = []
        """The sessions of the lasting users, the most popular first. They are never signed out."""
        self.temporary: list[str] = []
        """The handles of temporary accounts, the newest last. Most of them are deleted by now."""
        self._weights: list[float] = []

    def add(self, session: Session) -> None:
        self.sessions.append(session)
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self.sessions) + 1)))

    def session(self, chance: Random) -> Session:
        (found,) = chance.choices(self.sessions, cum_weights=self._weights)
        return found

    def handle(self, chance: Random) -> str:
        """Returns the handle of a user, sometimes of a temporary one, which may be deleted."""
        if self.temporary and chance.random() < 0.1:
            return chance.choice(self.temporary[-10:])
        return self.session(chance).handle

    def user(self, chance: Random) -> User:
        """Returns a user with a known id."""
        while True:
            user = self.history.users[self.handle(chance)]
            if user.id:
                return user

    def other(self, chance: Random, than: str) -> User:
        """Returns a user with a known id, other than a given one."""
        while True:
            user = self.user(chance)
            if user.handle != than:
                return user

    def post(self, chance: Random) -> Post | None:
        """Returns a post with a known id. It may be deleted."""
        posts = self.user(chance).ordered[-_NEWEST:]
        return self.history.posts[skewed(posts[::-1], chance)[1]] if posts else None

    def comment(self, chance: Random) -> Comment | None:
        """Returns a comment with a known id. It may be deleted."""
        post = self.post(chance)
        return chance.choice(post.ordered[-5:])[1] if post is not None and post.ordered else None


def skewed(items: Sequence[Item], chance: Random) -> Item:
    """Returns one of the items; the first ones more often."""
    return items[int(len(items) * chance.random() ** 2.5)]
