"""Compares the events that clients received with the entries of the event streams."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from adapters.database import Queries
from models.counts import current_count
from services.event_log.event_streams import MIN_ENTRIES, POPULAR_STREAM, RowKey, StreamEventKind
from services.live import StreamPosition
from services.live.events import TYPENAMES
from tests.live.support.campaign_clients import Counts, LiveClient, Received
from tests.live.support.campaign_world import World

_ENTRIES = (
    "SELECT owner_id, stream_id, place, kind, subject_owner_id, subject_id FROM recorded_entries "
    "ORDER BY owner_id, stream_id, place"
)
_STREAMS = "SELECT owner_id, id, first_place, last_place FROM streams"
_POSTS = (
    f"SELECT p.author_id AS owner_id, p.id, {current_count('c.likes', 'p.author_id', 'p.id', 'likes')} AS one, "
    f"{current_count('c.comments', 'p.author_id', 'p.id', 'comments')} AS other "
    "FROM posts p LEFT JOIN post_counts c ON c.author_id = p.author_id AND c.post_id = p.id"
)
_BADGES = "SELECT owner_id, owner_id AS id, unseen AS one, unread AS other FROM notification_counts"
_COUNTS = {"NotificationCountsChanged", "PostChanged"}
"""Types of events that may repeat the last cursor."""

_RESET = "StreamReset"


class Entry(NamedTuple):
    """An entry of a stream. `place` is its number."""

    place: int
    typename: str
    subject: RowKey


class Recorded(NamedTuple):
    """Holds the entries of all streams from the first one, where streams begin and end, and counts by subject.

    `dead` is the number of events that could not be projected.
    """

    entries: dict[RowKey, list[Entry]]
    bounds: dict[RowKey, tuple[int, int]]
    counts: dict[RowKey, Counts]
    dead: int

    def of(self, stream: RowKey) -> list[Entry]:
        return self.entries.get(stream, [])

    def last_place(self, stream: RowKey) -> int:
        return self.bounds[stream][1] if stream in self.bounds else 0


async def read_recorded(queries: Queries) -> Recorded:
    """Reads everything that clients are compared with."""
    entries: dict[RowKey, list[Entry]] = {}
    for row in await queries.fetch(_ENTRIES):
        subject = RowKey(row["subject_owner_id"], row["subject_id"])
        entry = Entry(row["place"], TYPENAMES[StreamEventKind(row["kind"])], subject)
        entries.setdefault(RowKey(row["owner_id"], row["stream_id"]), []).append(entry)
    streams = await queries.fetch(_STREAMS)
    bounds = {RowKey(row["owner_id"], row["id"]): (row["first_place"], row["last_place"]) for row in streams}
    counted = [*await queries.fetch(_POSTS), *await queries.fetch(_BADGES)]
    counts = {RowKey(row["owner_id"], row["id"]): (row["one"], row["other"]) for row in counted}
    (dead,) = await queries.fetch("SELECT COUNT(*) AS number FROM dead_events")
    return Recorded(entries, bounds, counts, dead["number"])


def required_popular(client: LiveClient, recorded: Recorded, world: World) -> list[int]:
    """Returns the places of the popular stream that a client has to receive, apart from its begin."""
    if client.identity.post is not None:
        return []
    followed = world.lasting[client.identity.user_id]
    return [entry.place for entry in recorded.of(POPULAR_STREAM) if entry.subject.owner_id in followed]


def is_complete(client: LiveClient, recorded: Recorded, world: World) -> bool:
    """Returns whether a client has received the ends of its streams and the final counts."""
    position, stream = client.position, client.identity.stream
    if position is None or position.place < recorded.last_place(stream):
        return False
    if required_popular(client, recorded, world)[-1:] > [position.popular_place]:
        return False
    return client.counts == recorded.counts.get(stream, (0, 0))


class Comparison:
    """Compares the events of one client with the entries of its streams."""

    def __init__(self, client: LiveClient, recorded: Recorded, world: World) -> None:
        self._client = client
        self._recorded = recorded
        self._own = recorded.of(client.identity.stream)
        self._popular = {entry.place: entry for entry in recorded.of(POPULAR_STREAM)}
        self._position = client.begin or StreamPosition(0, 0, 0, 0, 0)
        begin = self._position.popular_place
        self._required = [place for place in required_popular(client, recorded, world) if place > begin]
        self._delivered = begin
        self.found = Counter[str]()
        """The number of events by what is wrong with them."""
        self.resets = 0
        self.counts = 0

    def run(self) -> None:
        """Compares all events, and then the ends."""
        for event in self._client.received:
            self._compare(event)
            self._position = event.position
        self._add("lost", max(0, self._recorded.last_place(self._client.identity.stream) - self._position.place))
        self._add("lost popular", len(self._required))
        final = self._recorded.counts.get(self._client.identity.stream, (0, 0))
        self._add("final counts missing", int(self._client.counts != final))

    def _compare(self, event: Received) -> None:
        before, after = self._position, event.position
        if event.typename == _RESET:
            self._reset(before, after)
            return
        self._add("cursor moved back", int(after.popular_place < before.popular_place))
        if after.place > before.place:
            self._add("lost", after.place - before.place - 1)
            self._check(event, self._own[after.place - 1])
            self._skip_to(after.popular_place)
        elif after.place == before.place and after.popular_place > self._delivered and event.typename not in _COUNTS:
            self._receive_popular(event)
        elif event.typename in _COUNTS and after.place == before.place:
            self.counts += 1
            self._skip_to(after.popular_place)
        else:
            self._add("repeated", 1)

    def _receive_popular(self, event: Received) -> None:
        place = event.position.popular_place
        self._skip_to(place - 1)
        if self._required[:1] == [place]:
            self._required.pop(0)
        self._delivered = place
        if place in self._popular:
            self._check(event, self._popular[place])
        else:
            self._add("unknown", 1)

    def _skip_to(self, popular_place: int) -> None:
        """A client that resumes here receives none of the entries up to this place."""
        while self._required and self._required[0] <= popular_place:
            self._required.pop(0)
            self._add("lost popular", 1)

    def _reset(self, before: StreamPosition, after: StreamPosition) -> None:
        """Entries are deleted only when 1,000 newer ones exist."""
        self.resets += 1
        first_place, _ = self._recorded.bounds[self._client.identity.stream]
        if before.place >= after.place - MIN_ENTRIES or before.place >= first_place - 1:
            self._add("unjustified reset", 1)
        self._required = [place for place in self._required if place > after.popular_place]
        self._delivered = max(self._delivered, after.popular_place)

    def _check(self, event: Received, entry: Entry) -> None:
        """Subjects that were deleted meanwhile are not in the event."""
        if event.typename != entry.typename or event.subject not in (None, entry.subject):
            self._add("wrong", 1)

    def _add(self, what: str, number: int) -> None:
        if number:
            self.found[what] += number


class Verdict(NamedTuple):
    """Holds the sums of all clients, and descriptions of what is wrong with some."""

    found: Counter[str]
    resets: int
    counts: int
    faults: list[str]


def verify(clients: Sequence[LiveClient], recorded: Recorded, world: World) -> Verdict:
    """Compares all clients."""
    found, faults, resets, counts = Counter[str](), list[str](), 0, 0
    if recorded.dead:
        faults.append(f"{recorded.dead} events are dead letters")
    for stream, entries in recorded.entries.items():
        if [entry.place for entry in entries] != list(range(1, len(entries) + 1)):
            faults.append(f"the places of {stream} have gaps")
    for client in clients:
        comparison = Comparison(client, recorded, world)
        comparison.run()
        found += comparison.found
        resets += comparison.resets
        counts += comparison.counts
        wrong = [*(f"{what}: {number}" for what, number in comparison.found.items()), *client.wrong]
        wrong += [f"its counts are {client.counts}"] if comparison.found["final counts missing"] else []
        faults += [f"{client.identity.stream} of {client.identity.user_id}: {each}" for each in wrong]
    return Verdict(found, resets, counts, faults)
