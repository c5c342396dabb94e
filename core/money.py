"""Currencies, amounts in whole minor units, and limits by currency.

An amount is an integer of minor units, such as cents. JPY has no minor unit, so its amounts are whole yen.
"""

from collections.abc import Mapping

from core.errors import SettingsError

EXPONENTS: Mapping[str, int] = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "INR": 2}
"""The number of decimal digits of each supported currency, by its ISO 4217 code."""

MAX_AMOUNT = 2**63 - 1
"""The largest amount in minor units that the databases can store."""

MAX_LIMIT = 2**62 - 1
"""The largest limit. With it, an amount and a sum within the limit fit into 64 bits together."""


def format_amount(amount: int, currency: str) -> str:
    """Returns an amount in minor units as text with the currency, such as `EUR 12.50`.

    One in an unknown currency, which a provider may name, is text like `CHF 1250 minor units`.
    """
    if currency not in EXPONENTS:
        return f"{currency} {amount} minor units"
    return f"{currency} {to_major(amount, currency)}"


def to_major(amount: int, currency: str) -> str:
    """Returns an amount in minor units as decimal text in major units, such as `12.50`."""
    exponent = EXPONENTS[currency]
    sign, digits = "-" if amount < 0 else "", str(abs(amount)).rjust(exponent + 1, "0")
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}" if exponent else f"{sign}{digits}"


def to_minor(text: str, currency: str) -> int:
    """Returns the minor units of decimal text in major units, such as `12.5`. Otherwise raises `ValueError`.

    The text is a positive number of ASCII digits without sign, exponent or grouping, and has at most as many decimals
    as the currency.
    """
    exponent = EXPONENTS[currency]
    whole, point, decimals = text.partition(".")
    if not (_is_number(whole) and (_is_number(decimals) if point else True)):
        raise ValueError("must be a number such as 2000")
    if len(decimals) > exponent:
        raise ValueError(f"has more than {exponent} decimals" if exponent else "cannot have decimals")
    if len(whole) > len(str(MAX_AMOUNT)):
        raise ValueError("is too large")
    amount = int(whole + decimals.ljust(exponent, "0"))
    if amount > MAX_AMOUNT:
        raise ValueError("is too large")
    return amount


def read_limits(text: str, variable: str) -> dict[str, int]:
    """Returns limits in minor units by currency from text such as `USD=2000,JPY=300000`, in major units.

    Each supported currency has exactly one limit above zero. Otherwise raises a `SettingsError` that names the
    environment variable.
    """
    limits: dict[str, int] = {}
    for part in text.split(","):
        currency, sign, amount = (piece.strip() for piece in part.partition("="))
        if not sign:
            raise SettingsError(f"{variable}: {part.strip()!r} must be CURRENCY=AMOUNT, such as USD=2000")
        if currency not in EXPONENTS:
            raise SettingsError(f"{variable}: unknown currency {currency!r}; known are {', '.join(EXPONENTS)}")
        if currency in limits:
            raise SettingsError(f"{variable}: {currency} is given twice")
        try:
            limits[currency] = to_minor(amount, currency)
        except ValueError as error:
            raise SettingsError(f"{variable}: the amount of {currency} {error}") from None
        if limits[currency] == 0:
            raise SettingsError(f"{variable}: the amount of {currency} must be greater than 0")
        if limits[currency] > MAX_LIMIT:
            raise SettingsError(f"{variable}: the amount of {currency} is too large")
    missing = [currency for currency in EXPONENTS if currency not in limits]
    if missing:
        raise SettingsError(f"{variable}: {', '.join(missing)} missing; every currency needs an amount")
    return limits


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
