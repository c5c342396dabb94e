"""Tests the LRU cache."""

from gateway.documents.lru_cache import LruCache


def recent(most: int) -> tuple[LruCache[str], list[str]]:
    made = list[str]()

    def make(text: str) -> str:
        made.append(text)
        return text.upper()

    return LruCache(make, most), made


def test_what_was_made_of_a_text_is_not_made_again() -> None:
    texts, made = recent(10_000)
    assert [texts.get_or_compute("a"), texts.get_or_compute("b"), texts.get_or_compute("a")] == ["A", "B", "A"]
    assert made == ["a", "b"]


def test_those_that_were_used_last_stay_while_they_are_not_too_long_together() -> None:
    texts, made = recent(3 * 1000)
    one, two, three = (letter * 700 for letter in "abc")
    for text in (one, two, three, one):
        texts.get_or_compute(text)
    texts.get_or_compute("d" * 700)
    assert len(texts) == 3
    made.clear()
    for text in (one, three, two):
        texts.get_or_compute(text)
    assert made == [two]


def test_short_texts_have_an_end_too() -> None:
    texts, _ = recent(100_000)
    for number in range(5000):
        texts.get_or_compute(str(number))
    assert len(texts) < 400


def test_what_is_longer_than_all_may_be_is_made_and_forgotten() -> None:
    texts, _ = recent(1000)
    texts.get_or_compute("a")
    assert texts.get_or_compute("x" * 2000) == "X" * 2000
    assert len(texts) == 0
