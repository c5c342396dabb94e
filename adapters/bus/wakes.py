"""Topics, keys, and collections of wake-ups in bounded memory."""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

_TOPIC = re.compile(r"[a-z_0-9]{1,22}")
_KEY = re.compile(r"[0-9a-z.]{1,40}")
_MAX_KEYS_PER_MESSAGE = 190
"""The limit of PostgreSQL is 8,000 bytes. Keys of 40 characters, each with a space, need 7,790."""


class Wakes(NamedTuple):
    """The wake-ups of a listener."""

    topics: frozenset[str]
    """Topics woken as a whole."""

    keys: frozenset[str]
    """Keys woken in other topics."""


class PendingWakes:
    """Collects wake-ups. Keys beyond a limit become wake-ups of whole topics."""

    def __init__(self, max_keys_per_topic: int, max_keys: int) -> None:
        self._max_keys_per_topic = max_keys_per_topic
        self._max_keys = max_keys
        self._topics = set[str]()
        self._keys: dict[str, set[str]] = {}
        self._count = 0

    def __bool__(self) -> bool:
        return bool(self._topics or self._keys)

    def add(self, topic: str, keys: Collection[str]) -> None:
        """Adds keys of a topic, or the whole topic if there are no keys."""
        if topic in self._topics:
            return
        if not keys:
            self._add_whole(topic)
            return
        known = self._keys.setdefault(topic, set())
        self._count -= len(known)
        known.update(keys)
        self._count += len(known)
        if len(known) > self._max_keys_per_topic:
            self._add_whole(topic)
        elif self._count > self._max_keys:
            for keyed in list(self._keys):
                self._add_whole(keyed)

    def discard(self, topic: str) -> None:
        self._topics.discard(topic)
        self._count -= len(self._keys.pop(topic, ()))

    def take(self) -> dict[str, Collection[str]]:
        """Returns the keys of each woken topic, without keys for a whole topic, and forgets them."""
        taken: dict[str, Collection[str]] = dict.fromkeys(self._topics, ())
        taken.update(self._keys)
        self._topics, self._keys, self._count = set[str](), {}, 0
        return taken

    def take_wakes(self) -> Wakes:
        """Returns the woken topics and keys, and forgets them."""
        wakes = Wakes(frozenset(self._topics), frozenset[str]().union(*self._keys.values()))
        self._topics, self._keys, self._count = set[str](), {}, 0
        return wakes

    def _add_whole(self, topic: str) -> None:
        self.discard(topic)
        self._topics.add(topic)


class Message(NamedTuple):
    """A message to other processes. The payload contains keys, and is empty for the whole topic."""

    topic: str
    payload: str


def messages_of(wakes: dict[str, Collection[str]]) -> list[Message]:
    """Returns the messages for the keys of each topic."""
    messages = list[Message]()
    for topic, keys in wakes.items():
        ordered = sorted(keys)
        for begin in range(0, max(len(ordered), 1), _MAX_KEYS_PER_MESSAGE):
            messages.append(Message(topic, " ".join(ordered[begin : begin + _MAX_KEYS_PER_MESSAGE])))
    return messages


def keys_of(payload: str) -> list[str]:
    """Returns the keys of a message. Returns none, for the whole topic, if the payload is malformed."""
    keys = payload.split(" ")
    return keys if all(map(_KEY.fullmatch, keys)) else []


def check_topic(topic: str) -> None:
    """Raises `ValueError` unless the topic consists of up to 22 lower-case letters, digits and underscores."""
    if not _TOPIC.fullmatch(topic):
        raise ValueError(f"'{topic}' is not a topic")


def check_keys(keys: Iterable[str]) -> frozenset[str]:
    """Returns the keys. Raises `ValueError` unless each has up to 40 lower-case letters, digits and dots."""
    checked = frozenset(keys)
    for key in checked:
        if not _KEY.fullmatch(key):
            raise ValueError(f"'{key}' is not a key")
    return checked
