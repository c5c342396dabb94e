"""The followers of a process, by the stream that they follow."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator

from services.event_log.event_streams import POPULAR_STREAM, RowKey
from services.event_log.topics import stream_topic
from services.live.follower import Follower, FollowerState

COUNTS_SECONDS = 1.0
"""The minimum interval between two announcements of the counts of one subject."""


class FollowedStream:
    """The followers of one stream, and when its counts were announced last."""

    __slots__ = ("counts_at", "counts_timer", "followers")

    def __init__(self) -> None:
        self.followers: list[Follower] = []
        self.counts_at = 0.0
        self.counts_timer: asyncio.TimerHandle | None = None


class Followers:
    """Registers followers, and counts the topics and users that they need."""

    def __init__(self) -> None:
        self._streams: dict[RowKey, FollowedStream] = {}
        self._topics = Counter[str]()
        self._size = 0
        self._users = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[RowKey]:
        return iter(self._streams)

    @property
    def has_users(self) -> bool:
        """Whether a user's streams are followed, which include the popular stream."""
        return self._users > 0

    def idle(self) -> int:
        """Returns the number of followers that wait for new entries."""
        followers = (follower for followed in self._streams.values() for follower in followed.followers)
        return sum(follower.state is FollowerState.IDLE for follower in followers)

    def get(self, stream: RowKey) -> FollowedStream | None:
        return self._streams.get(stream)

    def topics(self) -> list[str]:
        """Returns the topics of the followed streams."""
        return list(self._topics)

    def named(self, streams: Iterable[RowKey]) -> list[RowKey]:
        """Returns those of the streams that are followed."""
        return [stream for stream in streams if stream in self._streams or (stream == POPULAR_STREAM and self._users)]

    def user_ids(self) -> list[int]:
        """Returns the users whose streams are followed."""
        return [stream.id for stream in self._streams if stream.owner_id == stream.id]

    def of_users(self, user_ids: Iterable[int]) -> Iterator[Follower]:
        """Returns the followers of the streams of these users."""
        for user_id in user_ids:
            if followed := self._streams.get(RowKey(user_id, user_id)):
                yield from followed.followers

    def of_topics(self, topics: Iterable[str]) -> list[RowKey]:
        """Returns the followed streams of these topics."""
        wanted = frozenset(topics)
        return [stream for stream in self._streams if stream_topic(stream) in wanted]

    def add(self, follower: Follower) -> list[str]:
        """Adds a follower, and returns the topics that were not needed before."""
        self._streams.setdefault(follower.stream, FollowedStream()).followers.append(follower)
        self._size += 1
        self._users += follower.is_user
        topics = _topics_of(follower)
        added = [topic for topic in topics if not self._topics[topic]]
        self._topics.update(topics)
        return added

    def remove(self, follower: Follower) -> list[str]:
        """Removes a follower, and returns the topics that are not needed any more."""
        followed = self._streams[follower.stream]
        followed.followers.remove(follower)
        if not followed.followers:
            del self._streams[follower.stream]
            if followed.counts_timer is not None:
                followed.counts_timer.cancel()
        self._size -= 1
        self._users -= follower.is_user
        topics = _topics_of(follower)
        self._topics.subtract(topics)
        removed = [topic for topic in topics if not self._topics[topic]]
        for topic in removed:
            del self._topics[topic]
        return removed


def _topics_of(follower: Follower) -> set[str]:
    own = stream_topic(follower.stream)
    return {own, stream_topic(POPULAR_STREAM)} if follower.is_user else {own}
