from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadUserInput
from core.global_ids import OWN_PARTITIONS, TYPE_CODES, GlobalId, global_id, read_global_id, read_id_of
from core.ids import EPOCH, MAX_ID, Ids, id_at, time_of

ids = st.integers(0, MAX_ID)


@given(st.sampled_from(sorted(TYPE_CODES)), ids, ids)
def test_a_global_id_says_what_it_was_made_of(typename: str, owner: int, row: int) -> None:
    owner = row if typename in OWN_PARTITIONS else owner
    text = global_id(typename, owner, row)
    assert read_global_id(text, "id") == GlobalId(typename, owner, row)
    assert text.isascii()
    assert len(text) <= 24


@given(st.text(max_size=40))
def test_any_other_text_is_no_global_id(text: str) -> None:
    with pytest.raises(BadUserInput) as refused:
        read_global_id(text, "input.id")
    assert refused.value.argument == "input.id"


def test_a_thing_has_one_spelling() -> None:
    text = global_id("User", 5, 5)
    for other in (text + "=", text + "==", text[:-1] + "h", " " + text, text + "\n"):
        with pytest.raises(BadUserInput):
            read_global_id(other, "id")


@given(st.sampled_from(sorted(TYPE_CODES)), st.sampled_from(sorted(TYPE_CODES)), ids, ids)
def test_an_id_is_read_as_that_of_its_own_type_alone(typename: str, expected: str, owner: int, row: int) -> None:
    owner = row if typename in OWN_PARTITIONS else owner
    text = global_id(typename, owner, row)
    if typename == expected:
        assert read_id_of(expected, text, "input.id") == GlobalId(typename, owner, row)
        return
    with pytest.raises(BadUserInput) as refused:
        read_id_of(expected, text, "input.id")
    assert refused.value.argument == "input.id"
    assert refused.value.message == f"input.id: this is the id of a {typename}. Send the id of a {expected}."


@given(st.text(max_size=40))
def test_any_other_text_is_the_id_of_no_type(text: str) -> None:
    with pytest.raises(BadUserInput) as refused:
        read_id_of("User", text, "input.userId")
    assert refused.value.argument == "input.userId"


def test_codes_of_types_are_unique() -> None:
    assert len(set(TYPE_CODES.values())) == len(TYPE_CODES)


def test_ids_grow_with_time_and_within_a_millisecond_and_when_the_clock_steps_back() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    instants = [now] * 1000 + [now + timedelta(milliseconds=1)] + [now - timedelta(hours=1)] * 1000
    clock = iter(instants)
    ids = Ids(lambda: next(clock))
    made = [ids.next() for _ in instants]
    assert made == sorted(set(made))
    assert made[0] >= id_at(now)
    assert made[999] < id_at(now + timedelta(milliseconds=1))


def test_ids_fit_into_64_signed_bits_until_2093() -> None:
    assert id_at(EPOCH) == 0
    assert id_at(datetime(2093, 1, 1, tzinfo=UTC)) < MAX_ID


def test_what_is_its_own_owner_has_no_other() -> None:
    for typename in OWN_PARTITIONS:
        with pytest.raises(BadUserInput):
            read_global_id(global_id(typename, 7, 8), "id")


@given(st.integers(0, 2**41 - 1), st.integers(0, 2**22 - 1))
def test_the_time_of_an_id_is_the_millisecond_at_which_it_was_generated(milliseconds: int, sequence: int) -> None:
    instant = EPOCH + timedelta(milliseconds=milliseconds)
    assert time_of(id_at(instant) | sequence) == instant


def test_processes_that_follow_one_id_with_clocks_behind_it_draw_different_ids() -> None:
    clock = lambda: EPOCH + timedelta(seconds=1)  # noqa: E731 - a clock
    above = id_at(clock() + timedelta(minutes=1))
    drawn = [Ids(clock).next(above=above) for _ in range(20)]
    assert min(drawn) > above
    assert len(set(drawn)) >= 18
