"""Nonsense in a setting that is a limit is refused at the start, in one line that names the variable."""

from dataclasses import fields
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import SettingsError
from core.settings import Settings
from core.settings.environment import read_settings, variable

HINTS = get_type_hints(Settings, include_extras=True)
NUMBERS = [field.name for field in fields(Settings) if get_args(HINTS[field.name])[0] in (int, float)]
TEXTS_OF_SETTINGS = [field.name for field in fields(Settings) if get_args(HINTS[field.name])[0] is str]
NAMES = [field.name for field in fields(Settings) if getattr(get_args(HINTS[field.name])[1], "pattern", None)]

TEXTS = [
    "-1", "-0.5", "nan", "NaN", "-nan", "inf", "-inf", "Infinity", "1e400", "-1e400", "9" * 400, "-" + "9" * 400,
    "many", "0x10", "1_000", "1,000", "1e", "--1", "+-1", "5 s", "5s", "½", "٣", "\uff11", "true", "None", "[]", "{}",
    "1\n2", "\x00", "5;", " ", "\n", "%d", "$PORT",
]  # fmt: skip


def limits(name: str) -> tuple[Any, float, float]:
    """Returns the type of a setting, and its range."""
    kind, meta = get_args(HINTS[name])
    return kind, meta.ge if meta.ge is not None else meta.gt, meta.le


def problem(name: str, text: str) -> str | None:
    """Returns why a text is refused. Checks that it is a number within the range of the setting otherwise."""
    kind, low, high = limits(name)
    try:
        value = getattr(read_settings({variable(name): text}), name)
    except SettingsError as error:
        return str(error)
    assert type(value) is kind
    assert low <= value <= high
    return None


def refusal(name: str, text: str) -> str:
    """Returns the message that refuses a text, or an empty one."""
    try:
        read_settings({variable(name): text})
    except SettingsError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", NUMBERS)
def test_nonsense_is_refused(name: str) -> None:
    for text in TEXTS:
        with pytest.raises(SettingsError) as refused:
            read_settings({variable(name): text})
        assert str(refused.value).startswith(f"{variable(name)}: must be ")
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", NUMBERS)
def test_what_is_beyond_the_range_is_refused(name: str) -> None:
    kind, meta = get_args(HINTS[name])
    assert meta.le is not None, "a limit has a largest value"
    beyond = [meta.le + 1, -meta.le, -1, *([meta.ge - 1] if meta.ge is not None else [0, meta.gt])]
    for value in beyond:
        with pytest.raises(SettingsError, match=rf"^{variable(name)}: must be [^\n]+$"):
            read_settings({variable(name): str(kind(value))})


@settings(deadline=None, max_examples=200)
@given(name=st.sampled_from(NUMBERS), text=st.one_of(st.text(), st.floats().map(str), st.integers().map(str)))
def test_any_text_is_a_number_of_the_range_or_refused(name: str, text: str) -> None:
    message = problem(name, text)
    if message is not None:
        assert message.splitlines() == [message]
        assert message.split(": ")[0] in {variable(field.name) for field in fields(Settings)}


@pytest.mark.parametrize("name", TEXTS_OF_SETTINGS)
@pytest.mark.parametrize("text", ["a\nb", "a\n=1", "a=\n1", "off,a\n=off", "off,a=\u2028b", "USD=1,\rx", "a=b,c=b\n=b"])
def test_a_value_over_two_lines_is_accepted_or_refused_in_one(name: str, text: str) -> None:
    assert len(refusal(name, text).splitlines()) <= 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ending", ["\n", " ", "\x00", "é"])
def test_a_name_has_no_other_characters(name: str, ending: str) -> None:
    valid = getattr(Settings(), name) or "https://api.example.com"
    with pytest.raises(SettingsError, match=rf"^{variable(name)}: [^\n]+$"):
        read_settings({variable(name): f"{valid}{ending}"})


@pytest.mark.parametrize(
    ("name", "most", "reason"),
    [
        ("max_depth", "max_fields", "a document of this depth has as many fields"),
        ("max_aliases", "max_fields", "each alias is of a field"),
        ("max_root_fields", "max_fields", "root fields are fields"),
    ],
)
def test_limits_that_can_never_apply_are_refused(name: str, most: str, reason: str) -> None:
    small = {variable(each): "5" for each in ("max_depth", "max_aliases", "max_root_fields", "max_fields")}
    with pytest.raises(SettingsError) as refused:
        read_settings({**small, variable(name): "6"})
    assert str(refused.value) == f"{variable(name)}: make it at most {variable(most)} (5): {reason}"
    assert getattr(read_settings(small), name) == 5
