import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadUserInput
from core.ids import MAX_ID
from core.keys import KeyRing
from core.paging import Cursors, read_page_request

OLD = "old:" + "o" * 32
NEW = "new:" + "n" * 32
CURSORS = Cursors(KeyRing(OLD))


@given(st.text(max_size=20), st.lists(st.integers(0, MAX_ID), min_size=1, max_size=3).map(tuple))
def test_a_cursor_opens_its_list_at_its_place(list_name: str, position: tuple[int, ...]) -> None:
    assert CURSORS.read(list_name, CURSORS.writer(list_name)(position), "after") == position


@given(st.text(max_size=40))
def test_any_other_text_is_no_cursor(text: str) -> None:
    with pytest.raises(BadUserInput):
        CURSORS.read("feed:1", text, "after")


@given(st.integers(0, MAX_ID), st.integers(0, 143))
def test_a_cursor_with_any_bit_changed_is_none(position: int, bit: int) -> None:
    cursor = CURSORS.writer("feed:1")((position,))
    place, shift = divmod(bit, 6)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    changed = alphabet[alphabet.index(cursor[place]) ^ (1 << shift)]
    with pytest.raises(BadUserInput):
        CURSORS.read("feed:1", cursor[:place] + changed + cursor[place + 1 :], "after")


def test_cursors_outlive_a_rotation_of_keys() -> None:
    rotated = Cursors(KeyRing(f"{NEW},{OLD}"))
    assert rotated.read("feed:1", CURSORS.writer("feed:1")((7,)), "after") == (7,)
    with pytest.raises(BadUserInput):
        CURSORS.read("feed:1", rotated.writer("feed:1")((7,)), "after")


def test_a_page_reads_one_row_more_than_it_shows() -> None:
    request = read_page_request(CURSORS, "feed:1", 2, None)
    assert request.limit == 3
    full = request.page([{"id": 9}, {"id": 8}, {"id": 7}])
    assert (list(full["rows"]), full["has_next"], full["has_previous"]) == ([{"id": 9}, {"id": 8}], True, False)
    rest = read_page_request(CURSORS, "feed:1", 2, full["cursor"]({"id": 8})).page([{"id": 7}])
    assert (list(rest["rows"]), rest["has_next"], rest["has_previous"]) == ([{"id": 7}], False, True)


def test_without_a_size_a_page_has_twenty_rows() -> None:
    assert read_page_request(CURSORS, "feed:1", None, None).first == 20
