"""Amounts by currency exponent, and limits in settings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SettingsError
from core.money import EXPONENTS, MAX_AMOUNT, format_amount, read_limits, to_major, to_minor

ALL = "USD=2000,EUR=2000.5,GBP=1,JPY=300000,INR=0.01"


def test_exponents_are_those_of_iso_4217() -> None:
    assert EXPONENTS == {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "INR": 2}


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (0, "EUR", "EUR 0.00"),
        (5, "EUR", "EUR 0.05"),
        (-5, "USD", "USD -0.05"),
        (1250, "GBP", "GBP 12.50"),
        (1250, "JPY", "JPY 1250"),
        (-1250, "JPY", "JPY -1250"),
        (MAX_AMOUNT, "INR", "INR 92233720368547758.07"),
    ],
)
def test_an_amount_has_the_digits_of_its_currency(amount: int, currency: str, text: str) -> None:
    assert format_amount(amount, currency) == text


@given(amount=st.integers(0, MAX_AMOUNT), currency=st.sampled_from(sorted(EXPONENTS)))
def test_an_amount_is_read_as_it_was_written(amount: int, currency: str) -> None:
    assert to_minor(to_major(amount, currency), currency) == amount


def test_limits_are_in_major_units() -> None:
    assert read_limits(ALL, "BFF_X") == {"USD": 200_000, "EUR": 200_050, "GBP": 100, "JPY": 300_000, "INR": 1}
    spaced = " USD = 2000 ,EUR=2000.5, GBP=1,JPY=300000,INR=0.01 "
    assert read_limits(spaced, "BFF_X") == read_limits(ALL, "BFF_X")
    assert read_limits(ALL.replace("2000.5", "46116860184273879.03"), "BFF_X")["EUR"] == 2**62 - 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "'' must be CURRENCY=AMOUNT, such as USD=2000"),
        ("2000", "'2000' must be CURRENCY=AMOUNT, such as USD=2000"),
        (f"{ALL},", "'' must be CURRENCY=AMOUNT, such as USD=2000"),
        (f"{ALL},CHF=1", "unknown currency 'CHF'; known are USD, EUR, GBP, JPY, INR"),
        (f"{ALL},usd=1", "unknown currency 'usd'; known are USD, EUR, GBP, JPY, INR"),
        (f"{ALL},USD=1", "USD is given twice"),
        ("USD=1,EUR=1", "GBP, JPY, INR missing; every currency needs an amount"),
        (ALL.replace("2000.5", "-1"), "the amount of EUR must be a number such as 2000"),
        (ALL.replace("2000.5", "1e3"), "the amount of EUR must be a number such as 2000"),
        (ALL.replace("2000.5", "1_000"), "the amount of EUR must be a number such as 2000"),
        (ALL.replace("2000.5", "٢"), "the amount of EUR must be a number such as 2000"),
        (ALL.replace("2000.5", "1."), "the amount of EUR must be a number such as 2000"),
        (ALL.replace("2000.5", ""), "the amount of EUR must be a number such as 2000"),
        (ALL.replace("2000.5", "0.00"), "the amount of EUR must be greater than 0"),
        (ALL.replace("2000.5", "1.001"), "the amount of EUR has more than 2 decimals"),
        (ALL.replace("300000", "1.5"), "the amount of JPY cannot have decimals"),
        (ALL.replace("2000.5", "92233720368547758.08"), "the amount of EUR is too large"),
        (ALL.replace("2000.5", "9" * 5000), "the amount of EUR is too large"),
        (ALL.replace("2000.5", "46116860184273879.04"), "the amount of EUR is too large"),
    ],
)
def test_a_wrong_limit_is_one_line_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read_limits(text, "BFF_X")
    assert str(raised.value) == f"BFF_X: {reason}"
