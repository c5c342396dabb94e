"""Tests the texts of notifications in every language, and the files of messages."""

import re
from time import process_time
from timeit import timeit

import pytest
from babel import Locale
from babel.messages.pofile import read_po

from core.i18n import LANGUAGES, messages
from core.i18n.messages import FOLDER
from models.notifications import DEFAULT_CHANNELS
from services.notifications.texts import notification_text
from tests.support.timing import unit

COUNTS = (0, 1, 2, 3, 11, 100)
NAMES = ("Ana", "Łucja Żak", "山田 太郎", "ليلى", "{actor}", "O'Neil %s")
GROUPED = ("FOLLOW", "LIKE", "COMMENT")
WITHOUT_ACTOR = ("PAYMENT_FAILED", "SECURITY")
CAUSES = ("DEVICE_SIGNED_IN", "PASSWORD_CHANGED", "TOKEN_REUSED", "DATA_EXPORT", None)
CATEGORIES = {"en": ["one", "other"], "de": ["one", "other"], "ja": ["other"]}
CATEGORIES["ar"] = ["zero", "one", "two", "few", "many", "other"]
"""The plural categories of CLDR, in the order of the forms in the files."""

ARABIC_OTHERS = {
    0: "",
    1: " وشخص آخر",
    2: " وشخصان آخران",
    3: " و3 أشخاص آخرين",
    11: " و11 شخصًا آخر",
    100: " و100 شخص آخر",
}


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", DEFAULT_CHANNELS)
@pytest.mark.parametrize("others", COUNTS)
def test_a_text_is_whole_and_has_the_names_and_the_number(language: str, kind: str, others: int) -> None:
    for name in NAMES:
        text = notification_text(kind, language, actor=name, actor_count=others + 1)
        assert (name in text) == (kind not in WITHOUT_ACTOR)
        assert not placeholders(text.replace(name, ""))
        assert kind not in text
        assert text.strip() == text
        assert text[-1] in ".。"
        digits = re.findall(r"\d+", text)
        assert digits == ([str(others)] if kind in GROUPED and _shows_number(language, others) else [])


def _shows_number(language: str, others: int) -> bool:
    """Returns whether the form contains the number: some languages have a word for the first ones."""
    return others > {"en": 0, "ja": 0, "de": 1, "ar": 2}[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_forms_are_those_of_the_plural_rules_of_unicode(language: str) -> None:
    locale = Locale(language)
    with (FOLDER / language / "messages.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    assert catalog.num_plurals == len(CATEGORIES[language])
    for kind in GROUPED:
        message = catalog.get(f"{kind}_GROUP")
        assert message is not None
        forms = _forms(message.string)
        assert len(forms) == len(CATEGORIES[language])
        for others in range(1, 1200):
            form = forms[CATEGORIES[language].index(locale.plural_form(others))]
            shown = form.replace("{actor}", "").replace("{number}", _written(language, others))
            name = messages(language).text("ACTOR", name=messages(language).isolated("Ana"))
            text = notification_text(kind, language, actor="Ana", actor_count=others + 1)
            assert text.replace(name, "") == shown


def _written(language: str, number: int) -> str:
    return str(number) if number < 1000 else f"{number:,}".replace(",", "." if language == "de" else ",")


@pytest.mark.parametrize("others", COUNTS)
def test_texts_in_english(others: int) -> None:
    and_others = {0: "", 1: " and 1 other"}.get(others, f" and {others} others")
    assert notification_text("LIKE", "en", actor="Ben", actor_count=others + 1) == f"Ben{and_others} liked your post."


@pytest.mark.parametrize("others", COUNTS)
def test_texts_in_arabic_have_six_forms_and_isolate_the_name(others: int) -> None:
    text = notification_text("COMMENT", "ar", actor="Ben", actor_count=others + 1)
    assert text == f"علّق \u2068Ben\u2069{ARABIC_OTHERS[others]} على منشورك."


def test_texts_in_german_and_japanese() -> None:
    german = [notification_text("LIKE", "de", actor="Ben", actor_count=count) for count in (1, 2, 3)]
    assert german == [
        "Ben gefällt dein Beitrag.",
        "Ben und einer weiteren Person gefällt dein Beitrag.",
        "Ben und 2 weiteren Personen gefällt dein Beitrag.",
    ]
    japanese = [notification_text("FOLLOW", "ja", actor="Ben", actor_count=count) for count in (1, 1235)]
    assert japanese == ["Benさんがあなたをフォローしました。", "Benさん、他1,234人があなたをフォローしました。"]


def test_a_name_from_right_to_left_is_isolated_in_every_language() -> None:
    assert notification_text("FOLLOW", "en", actor="ليلى") == "\u2068ليلى\u2069 started following you."
    assert notification_text("FOLLOW", "en", actor="Łucja") == "Łucja started following you."


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_user_who_is_not_visible_has_no_name(language: str) -> None:
    someone = messages(language).text("SOMEONE")
    assert someone in notification_text("PAYMENT_RECEIVED", language)
    assert someone in notification_text("LIKE", language, actor_count=3)
    assert someone not in notification_text("REFUND", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_cause_of_a_security_event_has_a_text(language: str) -> None:
    texts = [notification_text("SECURITY", language, cause=cause) for cause in CAUSES]
    assert len({*texts}) == len(CAUSES)
    assert notification_text("SECURITY", language, cause="OF_A_NEWER_RELEASE") == texts[-1]


def test_every_language_has_the_same_messages_with_the_same_values() -> None:
    found: dict[str, dict[str, set[str]]] = {}
    for language in LANGUAGES:
        with (FOLDER / language / "messages.po").open("rb") as file:
            catalog = read_po(file, locale=language, abort_invalid=True)
        assert not [message.id for message in catalog if message.fuzzy and message.id]
        found[language] = {
            str(message.id): set().union(*map(placeholders, _forms(message.string)))
            for message in catalog
            if message.id
        }
        assert all(all(_forms(message.string)) for message in catalog if message.id)
    assert {language: names for language, names in found.items() if names != found["en"]} == {}
    assert sorted(folder.name for folder in FOLDER.iterdir()) == sorted(LANGUAGES)


def _forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else list(text)  # pyright: ignore[reportArgumentType, reportCallIssue, reportUnknownVariableType]


def test_a_text_takes_a_small_part_of_a_request() -> None:
    rounds = 2000
    seconds = timeit(
        lambda: notification_text("LIKE", "ar", actor="Ben", actor_count=13), number=rounds, timer=process_time
    )
    assert seconds / rounds < unit().processor / 10
