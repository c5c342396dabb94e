"""Writers of the campaign: concurrent units of work with one or several events."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from random import Random

from core.errors import Contended, ProblemError, Unavailable
from core.global_ids import GlobalId
from core.viewer import SignedIn
from services import feed
from services.event_log.event_streams import RowKey
from services.resources import Resources
from services.unit_of_work import UnitOfWork, unit_of_work
from services.users.devices import revoke_device
from tests.live.support.campaign_world import DEVICE, World, device_id, may_change

WRITERS = 12
WEIGHTS = {
    "comment": 30,
    "like": 24,
    "publish": 10,
    "unlike": 8,
    "edit": 8,
    "delete_comment": 6,
    "follow": 4,
    "unfollow": 4,
    "delete": 3,
    "sign_out": 2,
    "publish_popular": 1,
}
_HOT = 0.15
"""The share of comments and likes under the hot post."""

_SEVERAL = 0.1
"""The share of units of work with several changes."""


class Writers:
    """Write events until a number of them is committed, or until they are stopped."""

    def __init__(self, resources: Resources, world: World, seed: int, weights: Mapping[str, int] = WEIGHTS) -> None:
        self._resources = resources
        self._world = world
        self._weights = weights
        self._random = Random(seed)  # noqa: S311 - not for secrets
        self._posts = list[RowKey]()
        """Posts that may be edited and deleted. They are not followed."""
        self._comments = list[tuple[int, int, int]]()
        """Author, owner and id of comments."""
        self._devices = {user: list(range(world.scale.devices)) for user in world.users}
        self.is_stopped = False
        self.committed = Counter[str]()
        """The number of committed events by type."""
        self.failed = 0
        """The number of units of work that were rolled back, for example because a post was deleted meanwhile."""

    @property
    def events(self) -> int:
        return self.committed.total()

    def recent_post(self) -> RowKey:
        """Returns a post that is commented and liked at the moment."""
        return self._random.choice(self._posts[-20:] or self._world.posts)

    def stop(self) -> None:
        """Lets units of work that have begun end, and begins no more."""
        self.is_stopped = True

    async def write(self, writers: int = WRITERS) -> None:
        """Writes as many events as the scale says."""
        await asyncio.gather(*(self._write_on() for _ in range(writers)))

    async def _write_on(self) -> None:
        while self.events < self._world.scale.events and not self.is_stopped:
            count = self._random.randint(2, 4) if self._random.random() < _SEVERAL else 1
            actions = self._random.choices(list(self._weights), list(self._weights.values()), k=count)
            try:
                async with unit_of_work(self._resources) as work:
                    kept = [await self._act(action, work) for action in actions]
            except (ProblemError, Unavailable, Contended):
                self.failed += 1
                continue
            self.committed.update(type(event).__name__ for event in work.events)
            for keep in kept:
                keep()

    async def _act(self, action: str, work: UnitOfWork) -> Callable[[], None]:
        """Makes a change, and returns what to remember of it when it is committed."""
        user = self._random.choice(self._world.users)
        acts: dict[str, Callable[[SignedIn, UnitOfWork], Awaitable[Callable[[], None]]]] = {
            "publish": self._publish,
            "publish_popular": self._publish,
            "comment": self._comment,
            "delete_comment": self._delete_comment,
            "edit": self._edit,
            "delete": self._delete,
            "sign_out": self._sign_out,
        }
        if action == "publish_popular":
            user = self._random.choice(self._world.popular)
        if action in acts:
            return await acts[action](SignedIn(user, DEVICE), work)
        await self._toggle(action, SignedIn(user, DEVICE), work)
        return _nothing

    async def _toggle(self, action: str, viewer: SignedIn, work: UnitOfWork) -> None:
        if action in ("like", "unlike"):
            change = feed.like_post if action == "like" else feed.unlike_post
            await change(viewer, work, self._resources, GlobalId("Post", *self._post()))
            return
        authors = [user for user in self._world.users if user != viewer.user_id and may_change(viewer.user_id, user)]
        author = self._random.choice(authors)
        change = feed.follow_user if action == "follow" else feed.unfollow_user
        await change(viewer, work, self._resources, GlobalId("User", author, author))

    def _post(self) -> RowKey:
        """Returns a post for comments and likes."""
        if self._random.random() < _HOT:
            return self._world.hot_post
        return self._random.choice([*self._world.posts, *self._posts[-20:]])

    async def _publish(self, viewer: SignedIn, work: UnitOfWork) -> Callable[[], None]:
        written = await feed.publish_post(viewer, work, self._resources, feed.PublishPost("published"))
        key = RowKey(viewer.user_id, written["post"]["id"])
        return lambda: self._posts.append(key)

    async def _comment(self, viewer: SignedIn, work: UnitOfWork) -> Callable[[], None]:
        post = self._post()
        body = feed.AddComment(GlobalId("Post", *post), "A comment")
        written = await feed.add_comment(viewer, work, self._resources, body)
        comment = (viewer.user_id, post.owner_id, written["comment"]["id"])
        return lambda: self._comments.append(comment)

    async def _delete_comment(self, viewer: SignedIn, work: UnitOfWork) -> Callable[[], None]:
        if self._comments:
            author, owner, row_id = self._comments.pop(self._random.randrange(len(self._comments)))
            theirs = SignedIn(author, viewer.device_id)
            await feed.delete_comment(theirs, work, self._resources, GlobalId("Comment", owner, row_id))
        return _nothing

    async def _edit(self, viewer: SignedIn, work: UnitOfWork) -> Callable[[], None]:
        post = self._random.choice([*self._world.posts, *self._posts[-50:]])
        author, body = SignedIn(post.owner_id, viewer.device_id), f"edited {self._random.random()}"
        await feed.edit_post(author, work, self._resources, GlobalId("Post", *post), body)
        return _nothing

    async def _delete(self, viewer: SignedIn, work: UnitOfWork) -> Callable[[], None]:
        if self._posts:
            post = self._posts.pop(self._random.randrange(len(self._posts)))
            author = SignedIn(post.owner_id, viewer.device_id)
            await feed.delete_post(author, work, self._resources, GlobalId("Post", *post))
        return _nothing

    async def _sign_out(self, viewer: SignedIn, work: UnitOfWork) -> Callable[[], None]:
        if devices := self._devices[viewer.user_id]:
            device = GlobalId("Device", viewer.user_id, device_id(viewer.user_id, devices.pop()))
            await revoke_device(viewer, work, self._resources, device)
        return _nothing


def _nothing() -> None:
    """Remembers nothing."""
