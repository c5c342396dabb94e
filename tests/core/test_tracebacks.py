import asyncpg
import msgspec
import pytest

from core.tracebacks import error_summary, format_error


def test_what_went_wrong_is_described_in_bounds() -> None:
    with pytest.raises(msgspec.DecodeError) as raised:
        msgspec.json.decode(b"x" * 5, type=int)
    assert format_error(raised.value).endswith("DecodeError: JSON is malformed: invalid character (byte 0)\n")
    assert len(format_error(ValueError("x" * 100_000))) < 2000


def test_values_that_a_driver_adds_are_left_out() -> None:
    refused = asyncpg.UniqueViolationError("duplicate key value\nDETAIL:  Key (handle)=(ana) already exists.")
    assert format_error(refused) == "UniqueViolationError: duplicate key value\n"
    wrong = asyncpg.DataError("invalid input for query argument $4: 'ana' (expected int)")
    assert format_error(wrong) == "DataError: invalid input for query argument $4\n"


@pytest.mark.parametrize(
    ("message", "logged"),
    [
        ('invalid input syntax for type integer: "ana"', "invalid input syntax for type integer"),
        ('invalid input value for enum mood: "ana"', "invalid input value for enum mood"),
        ('value "99999999999" is out of range for type integer', "value is out of range for type integer"),
        ('date/time field value out of range: "ana"', "date/time field value out of range"),
        ('relation "users" does not exist', 'relation "users" does not exist'),
    ],
)
def test_values_in_the_messages_of_postgresql_are_not_logged(message: str, logged: str) -> None:
    assert error_summary(asyncpg.PostgresError(message)) == f"PostgresError: {logged}"


def test_what_it_follows_from_is_described_first() -> None:
    with pytest.raises(RuntimeError) as raised:
        _fail()
    text = format_error(raised.value)
    first, second = text.split("which led to\n")
    assert "in _read" in first
    assert first.endswith("ValueError: not a number\n")
    assert "in _fail" in second
    assert second.endswith("RuntimeError: cannot go on\n")


def test_what_was_left_out_on_purpose_stays_out() -> None:
    error = RuntimeError("said")
    error.__context__, error.__suppress_context__ = ValueError("unsaid"), True
    assert format_error(error) == "RuntimeError: said\n"


def test_all_of_a_group_are_described() -> None:
    group = ExceptionGroup("two", [ValueError("one\nsecret"), KeyError("other")])
    assert format_error(group) == "ExceptionGroup: two (2 sub-exceptions)\nValueError: one\nKeyError: 'other'\n"


def _fail() -> None:
    try:
        _read()
    except ValueError as error:
        raise RuntimeError("cannot go on") from error


def _read() -> None:
    raise ValueError("not a number")
