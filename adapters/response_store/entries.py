"""The entries of the stream of announcements.

An entry has a field `t`, its tags joined by spaces, and for other entries than moves a field `k`, its kind: `h` for a
hold with its duration `d` in milliseconds, `c` for a confirmation with the positions `h` of its holds, and `m` for a
marker with the identity `s` of the server. An entry of any other form counts as the move of everything.
"""

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from adapters.redis_connection.commands import Command
from adapters.response_store.tail import ANYTHING, MAX_HOLD_SECONDS, MAX_SEQUENCE, Tail, position_at

MAX_ENTRIES = 100_000
MAX_TAGS_PER_ENTRY = 50
"""Each read receives the last entry again, so entries are small."""


def position_of(entry_id: bytes) -> int:
    """Returns the position of an entry. Raises `ValueError` for a malformed id."""
    milliseconds, _, sequence = entry_id.partition(b"-")
    return position_at(int(milliseconds), int(sequence))


def move_commands(key: str, tags: Collection[str]) -> list[Command]:
    """Returns the commands that append moves of tags."""
    rest = iter(_checked(tags))
    chunks = iter(lambda: list(islice(rest, MAX_TAGS_PER_ENTRY)), [])
    return [_append(key, "t", " ".join(chunk)) for chunk in chunks]


def hold_command(key: str, tags: Collection[str], milliseconds: int) -> Command:
    """Returns the command that appends a hold."""
    return _append(key, "k", "h", "t", " ".join(_checked(tags)), "d", milliseconds)


def confirm_command(key: str, tags: Collection[str], holds: Iterable[int]) -> Command:
    """Returns the command that appends the confirmation of holds at these positions."""
    return _append(key, "k", "c", "t", " ".join(_checked(tags)), "h", " ".join(map(str, holds)))


def marker_command(key: str, identity: str, entry_id: str = "*") -> Command:
    """Returns the command that appends a marker. It moves nothing."""
    return "XADD", key, "MAXLEN", "~", MAX_ENTRIES, entry_id, "k", "m", "s", identity


def identity_of(fields: Any) -> str | None:
    """Returns the identity of the server in a marker, or None for another entry."""
    match fields:
        case [b"k", b"m", b"s", bytes(identity)]:
            return identity.decode(errors="replace")
        case _:
            return None


def apply_entry(tail: Tail, entry_id: bytes, fields: Any) -> None:
    """Adds an entry to what the process knows."""
    position = position_of(entry_id)
    if position & MAX_SEQUENCE == MAX_SEQUENCE:  # another entry may have the same position
        tail.raise_minimum(position + 1)
    try:
        _apply(tail, position, fields)
    except ValueError:
        tail.apply(position, [ANYTHING])


def _apply(tail: Tail, position: int, fields: Any) -> None:
    match fields:
        case [b"t", bytes(tags)]:
            tail.apply(position, _tags(tags))
        case [b"k", b"h", b"t", bytes(tags), b"d", bytes(milliseconds)]:
            duration = int(milliseconds)
            if not 0 <= duration <= MAX_HOLD_SECONDS * 1000:
                raise ValueError(duration)
            tail.hold(position, position + position_at(duration), _tags(tags))
        case [b"k", b"c", b"t", bytes(tags), b"h", bytes(holds)]:
            tail.confirm(position, map(int, holds.split(b" ")), _tags(tags))
        case [b"k", b"m", b"s", bytes(_)]:
            tail.advance(position)
        case _:
            tail.apply(position, [ANYTHING])


def _append(key: str, *fields: str | int) -> Command:
    return "XADD", key, "MAXLEN", "~", MAX_ENTRIES, "*", *fields


def _checked(tags: Collection[str]) -> Collection[str]:
    """Returns the tags. If one cannot be written, everything moves: an answer must not be lost after a commit."""
    return tags if all(tag.isascii() and tag.isprintable() and tag and " " not in tag for tag in tags) else [ANYTHING]


def _tags(joined: bytes) -> list[str]:
    tags = joined.decode("ascii").split(" ")
    return tags if all(tags) else [ANYTHING]
