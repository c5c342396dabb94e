"""The acts of one account in the feed: posts, comments, likes, follows, blocks and the profile."""

from random import Random
from typing import Any

from tests.response_cache.support.history import Comment, History, Post, User
from tests.response_cache.support.people import People, skewed
from tests.response_cache.support.reading import Session
from tests.response_cache.support.registers import GONE
from tests.response_cache.support.writing import Effect, Mutations

_MAX_POSTS = 30
"""An author with so many posts deletes one for each new one."""

_MAX_BLOCKS = 3
_UNLIKE = 0.3
"""The share of likes and unlikes that end a like."""


class FeedActs:
    """Writes as one account. Each act is a mutation, and returns the reads that show its effect at once."""

    def __init__(self, session: Session, mutations: Mutations, people: People, chance: Random) -> None:
        self.session = session
        self._mutations = mutations
        self._people = people
        self._random = chance
        self._numbers = 0
        self._posts: list[Post] = []
        self._comments: list[Comment] = []
        self._liked: list[Post] = []
        self._blocked: list[User] = []
        self._version = 1
        self._versions: dict[str, int] = {}

    @property
    def history(self) -> History:
        return self._people.history

    @property
    def me(self) -> User:
        return self.history.users[self.session.handle]

    async def publish(self) -> None:
        if len(self._posts) >= _MAX_POSTS:
            await self.delete_post()
            return
        self._numbers += 1
        post = self.history.add_post(f"{self.me.handle}-{self._numbers}", self.me)
        sent = {"body": f"{post.key} v1", "idempotencyKey": post.key}
        result = await self._send("PublishPost", sent, Effect(post.register, 1))
        if result is not None:
            self.history.bind(post, result["post"]["id"])
            self._posts.append(post)
            self._versions[post.key] = 1

    async def edit(self) -> None:
        if not self._posts:
            return
        post = skewed(self._posts[::-1], self._random)
        self._versions[post.key] += 1
        version = self._versions[post.key]
        sent = {"postId": post.id, "body": f"{post.key} v{version}"}
        await self._send("EditPost", sent, Effect(post.register, version))

    async def delete_post(self) -> None:
        if not self._posts:
            return
        post = skewed(self._posts, self._random)
        if await self._send("DeletePost", {"postId": post.id}, Effect(post.register, GONE)):
            self._posts.remove(post)

    async def comment(self) -> None:
        post = self._people.post(self._random)
        if post is None:
            return
        self._numbers += 1
        comment = self.history.add_comment(f"{self.me.handle}-c{self._numbers}", self.me.handle, post)
        sent = {"postId": post.id, "body": comment.key, "idempotencyKey": comment.key}
        result = await self._send("AddComment", sent, Effect(comment.register, 1))
        if result is not None:
            self.history.bind(comment, result["comment"]["id"])
            self._comments.append(comment)

    async def delete_comment(self) -> None:
        if not self._comments:
            return
        comment = skewed(self._comments[::-1], self._random)
        result = await self._send("DeleteComment", {"commentId": comment.id}, Effect(comment.register, GONE))
        if result is not None or self._mutations.was_refused:
            self._comments.remove(comment)

    async def like(self) -> None:
        """Likes a post, or removes a like."""
        is_unlike = bool(self._liked) and self._random.random() < _UNLIKE
        post = skewed(self._liked[::-1], self._random) if is_unlike else self._people.post(self._random)
        if post is None:
            return
        register = self.history.like(self.me.handle, post)
        is_liked = register.writes[-1].value > 0
        name = "UnlikePost" if is_liked else "LikePost"
        await self._send(name, {"postId": post.id}, Effect(register, int(not is_liked)))
        if is_liked:
            self._liked = [other for other in self._liked if other is not post]
        else:
            self._liked.append(post)

    async def follow(self) -> None:
        """Follows a user, or ends the follow, less often."""
        other = self._people.other(self._random, self.me.handle)
        register = self.history.follow(self.me.handle, other.handle)
        is_followed = register.writes[-1].value > 0
        if is_followed and self._random.random() < 1 / 2:
            return
        name = "UnfollowUser" if is_followed else "FollowUser"
        await self._send(name, {"userId": other.id}, Effect(register, int(not is_followed)))

    async def block(self) -> None:
        """Blocks a user, or ends the oldest block."""
        if len(self._blocked) >= _MAX_BLOCKS or (self._blocked and self._random.random() < 1 / 2):
            other = self._blocked[0]
            effects = [Effect(self.history.block(self.me.handle, other.handle), 0)]
            result = await self._send("UnblockUser", {"userId": other.id}, *effects)
            if result is not None or other.deleting:
                self._blocked.remove(other)
            return
        other = self._people.other(self._random, self.me.handle)
        if other in self._blocked:
            return
        effects = [
            Effect(self.history.block(self.me.handle, other.handle), 1),
            Effect(self.history.follow(self.me.handle, other.handle), 0),
            Effect(self.history.follow(other.handle, self.me.handle), 0),
        ]
        self._blocked.append(other)
        await self._send("BlockUser", {"userId": other.id}, *effects)

    async def profile(self) -> None:
        self._version += 1
        text = f"{self.me.handle} v{self._version}"
        picture = f"https://pictures.example/{self.me.handle}/{self._version}"
        sent = {"name": text, "bio": text, "avatarUrl": picture}
        await self._send("UpdateProfile", sent, Effect(self.me.register, self._version))

    async def _send(self, name: str, sent: dict[str, Any], *effects: Effect) -> dict[str, Any] | None:
        return await self._mutations.send(name, sent, self.session, effects)
