"""The subscribers of a process, by the stream that they follow."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator

from services.event_log.event_streams import POPULAR_STREAM, RowKey
from services.event_log.topics import stream_topic
from services.live.subscriber import Subscriber, SubscriberState

COUNTS_SECONDS = 1.0
"""The minimum interval between two announcements of the counts of one subject."""


class FollowedStream:
    """The subscribers of one stream, and when its counts were announced last."""

    __slots__ = ("counts_at", "counts_timer", "subscribers")

    def __init__(self) -> None:
        self.subscribers: list[Subscriber] = []
        self.counts_at = 0.0
        self.counts_timer: asyncio.TimerHandle | None = None


class Subscribers:
    """Registers subscribers, and counts the topics and users that they need."""

    def __init__(self) -> None:
        self._streams: dict[RowKey, FollowedStream] = {}
        self._topics = Counter[str]()
        self._size = 0
        self._users = 0

    def __len__(self) -> int:
        return self._size

    def streams(self) -> list[RowKey]:
        """Returns the followed streams."""
        return list(self._streams)

    @property
    def has_users(self) -> bool:
        """Whether a user's streams are followed, which include the popular stream."""
        return self._users > 0

    def idle(self) -> int:
        """Returns the number of subscribers that wait for new entries."""
        subscribers = (subscriber for followed in self._streams.values() for subscriber in followed.subscribers)
        return sum(subscriber.state is SubscriberState.IDLE for subscriber in subscribers)

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

    def of_users(self, user_ids: Iterable[int]) -> Iterator[Subscriber]:
        """Returns the subscribers of the streams of these users."""
        for user_id in user_ids:
            if followed := self._streams.get(RowKey(user_id, user_id)):
                yield from followed.subscribers

    def of_topics(self, topics: Iterable[str]) -> list[RowKey]:
        """Returns the followed streams of these topics."""
        wanted = frozenset(topics)
        return [stream for stream in self._streams if stream_topic(stream) in wanted]

    def add(self, subscriber: Subscriber) -> list[str]:
        """Adds a subscriber, and returns the topics that were not needed before."""
        self._streams.setdefault(subscriber.stream, FollowedStream()).subscribers.append(subscriber)
        self._size += 1
        self._users += subscriber.is_user
        topics = _topics_of(subscriber)
        added = [topic for topic in topics if not self._topics[topic]]
        self._topics.update(topics)
        return added

    def remove(self, subscriber: Subscriber) -> list[str]:
        """Removes a subscriber, and returns the topics that are not needed any more."""
        followed = self._streams[subscriber.stream]
        followed.subscribers.remove(subscriber)
        if not followed.subscribers:
            del self._streams[subscriber.stream]
            if followed.counts_timer is not None:
                followed.counts_timer.cancel()
        self._size -= 1
        self._users -= subscriber.is_user
        topics = _topics_of(subscriber)
        self._topics.subtract(topics)
        removed = [topic for topic in topics if not self._topics[topic]]
        for topic in removed:
            del self._topics[topic]
        return removed


def _topics_of(subscriber: Subscriber) -> set[str]:
    own = stream_topic(subscriber.stream)
    return {own, stream_topic(POPULAR_STREAM)} if subscriber.is_user else {own}
