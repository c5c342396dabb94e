"""Texts that look like card numbers, in the digits of every script and with every separator."""

import random
import time
import unicodedata
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.card_numbers import MASK, contains_card_number, mask_card_numbers
from core.ids import MAX_ID

VISA = "4111111111111111"
_PLAIN = [
    "",
    " ",
    "-",
    ".",
    "_",
    "\u00a0",
    "\u202f",
    "\u2009",
    "\u200b",
    "\u2060",
    "\u00ad",
    "\n",
    "\r\n",
    "\t",
    "\u2013",
]
GAPS = [*_PLAIN, "\u2212", "\u00b7", " - ", "\u200b \u200b", "\u2028", "\ufe0f\u20e3", "\u3164", "\u3002"]
ZEROS = [
    code
    for code in range(0x110000)
    if unicodedata.decimal(chr(code), -1) == 0 and unicodedata.decimal(chr(code + 9), -1) == 9
]
"""The digit zero of every script; the other nine follow it."""


def checked(digits: str) -> str:
    """Returns digits with the check digit that makes them a card number."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def is_luhn(digits: str) -> bool:
    return checked(digits[:-1]) == digits


def in_script(zero: int, digits: str) -> str:
    return "".join(chr(zero + int(digit)) for digit in digits)


CARDS = st.text("0123456789", min_size=11, max_size=18).map(checked)


@pytest.mark.parametrize(
    "text",
    [
        VISA,
        f"my card is {VISA}, take it",
        f"card{VISA}x",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111\n1111\r\n1111 1111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "4\u200b1\u200b11111111111111",
        "3782 822463 10005",
        "6759 6498 2643 8453",
        "5555-5555-5555-4444 12/27",
        "2 cards: 12 4111 1111 1111 1111 30",
        "pay 12 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        in_script(0x660, VISA),
        in_script(0x966, VISA),
        in_script(0xFF10, VISA),
        in_script(0x1D7CE, VISA),
        "④①①①①①①①①①①①①①①①",
        "⁴¹¹¹¹¹¹¹¹¹¹¹¹¹¹¹",
        "四一一一一一一一一一一一一一一一",
        "4️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣",
        f"4{in_script(0x660, VISA[1:8])} {in_script(0x1D7EC, VISA[8:])}",
        "\ud8004111111111111111",
    ],
)
def test_a_card_number_is_found_and_masked(text: str) -> None:
    assert contains_card_number(text)
    masked = mask_card_numbers(text)
    assert MASK in masked
    assert not contains_card_number(masked)
    assert not {character for character in masked if unicodedata.digit(character, 0) == 4}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lunch",
        "4111111111111112",
        "4111 1111 1111 1112",
        "41111111111",
        VISA + "0" * 4,
        "4111     1111     1111     1111",
        "4111,1111,1111,1111",
        "+1 (415) 555-2671",
        "+351 912 345 678",
        "2026-03-01T12:30:45.123456Z",
        "2026-03-01 12:30:45.123456+00:00",
        "1 2 3 4 5 6 7 8 9 10 11 12",
        "10.0.0.1, 192.168.100.200",
        "EUR 1250.00",
        "DE89 3704 0044 0532 0130 00",
        "9b2e4567-e89b-12d3-a456-426614174000",
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert not contains_card_number(text)
    assert mask_card_numbers(text) is text


def test_the_text_around_a_card_number_stays() -> None:
    assert mask_card_numbers(f"a 1 {VISA} b 3782 822463 10005.") == f"a 1 {MASK} b {MASK}."


@given(
    card=CARDS,
    zeros=st.lists(st.sampled_from(ZEROS), min_size=19, max_size=19),
    gap=st.sampled_from(GAPS),
    group=st.sampled_from([1, 2, 3, 4, 5, 6, 19]),
    before=st.sampled_from(["", "card ", "x:", "№"]),
)
@example(card=VISA, zeros=[ZEROS[-1]] * 19, gap="\u2013", group=4, before="")
def test_every_card_number_is_found_in_any_script_with_any_gap(
    card: str, zeros: list[int], gap: str, group: int, before: str
) -> None:
    digits = [in_script(zero, digit) for zero, digit in zip(zeros, card, strict=False)]
    groups = ["".join(digits[start : start + group]) for start in range(0, len(digits), group)]
    text = f"{before}{gap.join(groups)} end"
    assert mask_card_numbers(text) == f"{before}{MASK} end"


@given(text=st.text(st.sampled_from([*"0123456789 -.,x\n\u200b٣"]), max_size=120))
def test_nothing_that_looks_like_a_card_number_is_left(text: str) -> None:
    masked = mask_card_numbers(text)
    assert contains_card_number(masked) is False
    assert mask_card_numbers(masked) is masked
    assert (masked is text) is not contains_card_number(text)


@given(digits=st.text("0123456789", min_size=1, max_size=30))
def test_digits_without_gaps_are_a_card_number_by_length_and_check_digit(digits: str) -> None:
    assert contains_card_number(digits) is (12 <= len(digits) <= 19 and is_luhn(digits))


@pytest.mark.parametrize(
    "text", [f"abcd {VISA}", f"{'ab' * 7}{VISA}", f"{'1' * 8}a {VISA}", f"deadbeef-{VISA} deadbeef"]
)
def test_letters_beside_a_card_number_do_not_hide_it(text: str) -> None:
    assert contains_card_number(text)


def test_digits_of_a_hash_are_no_card_number() -> None:
    assert not contains_card_number(f"abcd0123{VISA}0123abcd")
    assert not contains_card_number("cafe1234-4111-1111-1111-1111cafe1234")


def share(texts: list[str]) -> float:
    return sum(map(contains_card_number, texts)) / len(texts)


def test_the_share_of_other_texts_that_are_taken_for_card_numbers() -> None:
    """One in ten numbers of that length has a correct check digit; others are found rarely."""
    chance = random.Random(20)  # noqa: S311 - not for secrets
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    times = [begin + timedelta(microseconds=chance.randrange(10**13)) for _ in range(5_000)]
    assert share([at.isoformat() for at in times]) == 0
    assert share([at.strftime("%Y-%m-%d %H:%M:%S") for at in times]) == 0
    assert share([str(chance.randrange(10**11)) for _ in range(5_000)]) == 0
    assert share([f"+49 151 {chance.randrange(10**7, 10**8)}" for _ in range(5_000)]) < 0.11
    assert share([str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(5_000)]) < 0.001
    assert share([f"{chance.getrandbits(256):064x}" for _ in range(5_000)]) < 0.001
    assert share([f"{chance.getrandbits(64):016x}" for _ in range(5_000)]) < 0.002
    assert 0.09 < share([str(chance.randrange(10**17, MAX_ID)) for _ in range(5_000)]) < 0.11


@pytest.mark.parametrize(
    "part", ["1", "1 ", "12 3 ", "1" * 20 + " ", "123 ", "\u200b", " ", "1\u200b", "4111 1111 1111 1112 ", "1     "]
)
def test_the_time_is_linear_in_the_length(part: str) -> None:
    def seconds(length: int) -> float:
        text = (part * length)[:length]
        durations: list[float] = []
        for _ in range(3):
            begin = time.process_time()
            contains_card_number(text + "x")
            durations.append(time.process_time() - begin)
        return min(durations)

    assert seconds(80_000) < 4 * max(seconds(40_000), 0.005)
