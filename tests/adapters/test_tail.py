"""The tail of the stream of announcements, compared with a model that remembers everything."""

from collections.abc import Collection
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.response_store.entries import (
    apply_entry,
    confirm_command,
    hold_command,
    marker_command,
    move_commands,
)
from adapters.response_store.tail import ANYTHING, HISTORY_SECONDS, MAX_SEQUENCE, Tail, milliseconds_of, position_at

TAGS = ["a", "b", "c", "d"]


def at(milliseconds: int, sequence: int = 0) -> int:
    return position_at(1_000_000 + milliseconds, sequence)


@dataclass
class Hold:
    begin: int
    end: int
    tags: frozenset[str]
    is_confirmed: bool = False


@dataclass
class Model:
    """Remembers all moves and holds, and defines which responses are current."""

    moves: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    holds: list[Hold] = field(default_factory=list[Hold])

    def is_current(self, position: int, tags: Collection[str]) -> bool:
        affected = {*tags, ANYTHING}
        moved = any(tag in affected and moved > position for moved, tag in self.moves)
        return not moved and not any(hold.tags & affected for hold in self.open_after(position))

    def is_recent(self, position: int, counts: Collection[str], since_ms: int) -> bool:
        """Returns whether no count moved between the position and a time, nor may have moved then."""
        if milliseconds_of(position) >= since_ms:
            return True
        moved = any(
            tag in counts and moved > position and milliseconds_of(moved) < since_ms for moved, tag in self.moves
        )
        begun = [hold for hold in self.open_after(position) if milliseconds_of(hold.begin) < since_ms]
        return not moved and not any(hold.tags & {*counts} for hold in begun)

    def open_after(self, position: int) -> list[Hold]:
        return [hold for hold in self.holds if not hold.is_confirmed and hold.end > position]


tags_of = st.lists(st.sampled_from([*TAGS, ANYTHING]), max_size=3, unique=True)
Step = tuple[str, list[str], int, int]
"""An action, its tags, the milliseconds before it, and the duration of a hold or the number of one."""

steps_of = st.tuples(
    st.sampled_from(["move", "hold", "confirm", "mark"]), tags_of, st.integers(0, 5), st.integers(0, 30)
)


def act(tail: Tail, model: Model, now: int, step: Step) -> None:
    action, tags, _, number = step
    # A hold that is over cannot be confirmed any more: it stays a move at its end.
    unconfirmed = [hold for hold in model.holds if not hold.is_confirmed and hold.end > now]
    if action == "move":
        tail.apply(now, tags)
        model.moves += [(now, tag) for tag in tags]
    elif action == "hold":
        tail.hold(now, now + position_at(number), tags)
        model.holds.append(Hold(now, now + position_at(number), frozenset(tags)))
    elif action == "confirm" and unconfirmed:
        hold = unconfirmed[number % len(unconfirmed)]
        hold.is_confirmed = True
        model.moves += [(now, tag) for tag in hold.tags]
        tail.confirm(now, [hold.begin], hold.tags)
    else:
        tail.advance(now)


@settings(max_examples=400, deadline=None)
@given(st.lists(steps_of, max_size=25), tags_of, tags_of, st.integers(0, 40), st.integers(-5, 20))
def test_a_tail_knows_what_a_model_with_all_moves_knows(
    steps: list[Step], tags: list[str], counts: list[str], max_stale_ms: int, later: int
) -> None:
    tail, model, milliseconds, positions = Tail(), Model(), 0, [at(0)]
    tail.reset(at(0))
    for number, step in enumerate(steps):
        milliseconds += step[2]
        now = at(milliseconds, number)
        act(tail, model, now, step)
        positions += [now, at(milliseconds + 3, number)]
    now_ms = milliseconds_of(at(milliseconds)) + later
    for position in positions:
        assert tail.is_current(position, tags) == model.is_current(position, tags)
        both = model.is_current(position, [*tags, *counts])
        assert tail.is_current(position, tags, counts) == both
        found = tail.is_current(position, tags, counts, max_stale_ms, now_ms)
        if max_stale_ms == 0 or both:
            assert found == both
        elif found:
            assert model.is_current(position, tags)
            assert model.is_recent(position, counts, now_ms - max_stale_ms)


def test_a_count_that_moved_once_is_current_until_its_maximum_age_is_over() -> None:
    tail = Tail()
    tail.apply(at(9_000), ["a", "count"])
    now = milliseconds_of(at(10_000))
    assert not tail.is_current(at(1_000), [], ["count"])
    assert not tail.is_current(at(1_000), ["a"], ["count"], 5_000, now)
    assert tail.is_current(at(1_000), ["b"], ["count"], 5_000, now)
    assert tail.is_current(at(1_000), ["b"], ["count"], 5_000, now + 4_000)
    assert not tail.is_current(at(1_000), ["b"], ["count"], 5_000, now + 4_001)


def test_a_count_that_moves_all_the_time_does_not_stay_current() -> None:
    tail = Tail()
    for second in range(20):
        tail.apply(at(second * 1000), ["count"])
    now = milliseconds_of(at(19_000))
    assert tail.is_current(at(14_500), [], ["count"], 5_000, now)
    assert not tail.is_current(at(13_900), [], ["count"], 5_000, now)


@pytest.mark.parametrize("max_tags", [0, 1, 100])
def test_moves_that_are_too_many_outdate_what_is_older(max_tags: int) -> None:
    tail = Tail(max_tags)
    for number in range(1, 1_001):
        tail.apply(at(number), [f"tag-{number}"])
        assert tail.size <= max_tags
    assert tail.minimum == at(1_000 - max_tags)
    assert not tail.is_current(at(999 - max_tags), ["other"])
    assert tail.is_current(at(1_000 - max_tags), ["other"])


def test_holds_that_are_too_many_outdate_everything_until_they_end() -> None:
    tail = Tail(10)
    for number in range(100):
        tail.hold(at(number), at(number + 500), [f"tag-{number}"])
    assert tail.size <= 10
    assert not tail.is_current(at(400), ["other"])
    assert tail.is_current(at(600), ["other"])


def test_old_moves_are_dropped() -> None:
    tail = Tail()
    tail.apply(at(0), ["a"])
    tail.apply(at(HISTORY_SECONDS * 1000), ["b"])
    assert (tail.size, tail.minimum) == (2, 0)
    tail.apply(at(HISTORY_SECONDS * 1000 + 1), ["b"])
    assert (tail.size, tail.minimum) == (1, at(0))


def test_a_reset_outdates_what_is_older_and_keeps_holds() -> None:
    tail = Tail()
    tail.apply(at(1), ["a"])
    tail.hold(at(2), at(100), ["b"])
    tail.reset(at(10))
    assert (tail.generation, tail.position) == (1, at(10))
    assert not tail.is_current(at(9), ["c"])
    assert tail.is_current(at(10), ["a"])
    assert not tail.is_current(at(10), ["b"])
    assert tail.is_current(at(100), ["b"])


def fields_of(command: tuple[str | bytes | int, ...]) -> list[bytes]:
    return [str(part).encode() for part in command[6:]]


def entry_id(position: int) -> bytes:
    return f"{milliseconds_of(position)}-{position & MAX_SEQUENCE}".encode()


def test_entries_say_what_their_commands_say() -> None:
    tail = Tail()
    for number, command in enumerate(move_commands("key", [f"tag-{number}" for number in range(120)])):
        apply_entry(tail, entry_id(at(1, number)), fields_of(command))
    assert (tail.size, tail.position) == (120, at(1, 2))
    apply_entry(tail, entry_id(at(2)), fields_of(hold_command("key", ["a"], 100)))
    apply_entry(tail, entry_id(at(3)), fields_of(hold_command("key", ["a", "b"], 50)))
    assert (tail.is_current(at(3), ["a"]), tail.first_hold_end) == (False, at(53))
    apply_entry(tail, entry_id(at(4)), fields_of(confirm_command("key", ["a", "b"], [at(3)])))
    assert (tail.is_current(at(4), ["a"]), tail.is_current(at(4), ["b"])) == (False, True)
    apply_entry(tail, entry_id(at(102)), fields_of(marker_command("key", "server")))
    assert (tail.is_current(at(101), ["a"]), tail.is_current(at(102), ["a"])) == (False, True)


@pytest.mark.parametrize(
    "fields",
    [
        [],
        None,
        b"text",
        [b"t"],
        [b"t", b""],
        [b"t", b"a  b"],
        [b"t", b"\xff"],
        [b"foreign", b"a"],
        [b"k", b"z", b"t", b"a"],
        [b"k", b"h", b"t", b"a", b"d", b"soon"],
        [b"k", b"h", b"t", b"a", b"d", b"-1"],
        [b"k", b"h", b"t", b"a", b"d", b"999999999"],
        [b"k", b"c", b"t", b"a", b"h", b""],
    ],
)
def test_an_entry_of_another_form_moves_everything(fields: object) -> None:
    tail = Tail()
    apply_entry(tail, entry_id(at(1)), fields)
    assert not tail.is_current(at(0, MAX_SEQUENCE), ["other"])
    assert tail.is_current(at(1), ["other"])


@pytest.mark.parametrize("tag", ["", "two words", "ümlaut", "line\n"])
def test_a_tag_that_cannot_be_written_moves_everything(tag: str) -> None:
    (command,) = move_commands("key", ["a", tag])
    assert fields_of(command) == [b"t", b"*"]


def test_positions_that_entries_share_are_never_current() -> None:
    tail = Tail()
    apply_entry(tail, b"1000000-1048575", [b"t", b"a"])
    assert tail.position == at(0, MAX_SEQUENCE)
    assert not tail.is_current(tail.position, ["other"])
    apply_entry(tail, b"1000000-9999999", [b"t", b"a"])
    assert not tail.is_current(tail.position, ["other"])
    apply_entry(tail, b"1000001-0", [b"t", b"a"])
    assert tail.is_current(tail.position, ["other"])
