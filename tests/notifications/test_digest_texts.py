"""The texts of digests in every language, for every form of plural."""

import re

import pytest
from babel import Locale
from babel.messages.pofile import read_po

from core.i18n import LANGUAGES, messages
from core.i18n.messages import FOLDER
from models.notifications import NotificationRow
from services.notifications.digests.contents import Mailbox
from services.notifications.digests.mail import MAX_LISTED, digest_message
from tests.support.digests import LINK, at

COUNTS = (0, 1, 2, 3, 11, 100)
MORE = {
    "en": ["-", "and 1 more", "and 2 more", "and 3 more", "and 11 more", "and 100 more"],
    "de": ["-", "und eine weitere", "und 2 weitere", "und 3 weitere", "und 11 weitere", "und 100 weitere"],
    "ja": ["-", "他1件", "他2件", "他3件", "他11件", "他100件"],
    "ar": ["-", "وإشعار آخر", "وإشعاران آخران", "و3 إشعارات أخرى", "و11 إشعارًا آخر", "و100 إشعار آخر"],
}
"""The line that follows the list, for each of `COUNTS`."""

SUBJECTS = {
    "en": ["You have 1 new notification.", "You have 120 new notifications."],
    "de": ["Du hast eine neue Benachrichtigung.", "Du hast 120 neue Benachrichtigungen."],
    "ja": ["新しい通知が1件あります。", "新しい通知が120件あります。"],
    "ar": ["لديك إشعار جديد.", "لديك 120 إشعارًا جديدًا."],
}
UNSUBSCRIBE = "https://api.example/unsubscribe/token"


def refund(number: int) -> NotificationRow:
    return {
        "__typename": "Notification",
        "owner_id": 7,
        "id": number,
        "kind": "REFUND",
        "actor_id": None,
        "actor_count": 1,
        "subject_type": None,
        "subject_owner_id": None,
        "subject_id": None,
        "cause": None,
        "created_at": at("2026-12-01 10:00"),
        "seen_at": None,
        "read_at": None,
        "actor": None,
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("more", COUNTS)
def test_a_digest_lists_twenty_and_counts_the_others(language: str, more: int) -> None:
    mailbox, found = Mailbox("ana@example.com", language, None, 0), [refund(each) for each in range(MAX_LISTED + more)]
    mail = digest_message("digest-7-1", mailbox, found, LINK, UNSUBSCRIBE)
    assert (mail.to, mail.mail_id, mail.unsubscribe_url) == ("ana@example.com", "digest-7-1", UNSUBSCRIBE)
    assert mail.text.count(LINK) == MAX_LISTED
    assert mail.html.count(f'<a href="{LINK}') == MAX_LISTED
    expected = MORE[language][COUNTS.index(more)]
    for text, line in ((mail.text, f"\n{expected}\n"), (mail.html, f"<p>{expected}</p>")):
        assert more == 0 or line in text
        assert not re.search(r"\{\w+\}", text)
    assert mail.html.count("<p>") == 2 * MAX_LISTED + (more > 0) + 1
    direction = "rtl" if language == "ar" else "ltr"
    assert mail.html.startswith(f'<!doctype html><html lang="{language}" dir="{direction}">')
    label = messages(language).text("UNSUBSCRIBE")
    assert mail.text.endswith(f"-- \n{label}:\n{UNSUBSCRIBE}\n")
    assert mail.html.endswith(f'<hr><p><a href="{UNSUBSCRIBE}">{label}</a></p></body></html>')


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_subject_counts_everything(language: str) -> None:
    mailbox = Mailbox("ana@example.com", language, None, 0)
    subjects = [
        digest_message("digest", mailbox, [refund(each) for each in range(number)], LINK, None).subject
        for number in (1, 120)
    ]
    assert subjects == SUBJECTS[language]


def test_without_a_public_address_a_digest_has_no_link_for_unsubscribing() -> None:
    mail = digest_message("digest", Mailbox("ana@example.com", "en", None, 0), [refund(1)], LINK, None)
    assert mail.unsubscribe_url is None
    assert "nsubscribe" not in mail.text + mail.html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["DIGEST_SUBJECT", "DIGEST_MORE"])
def test_forms_are_those_of_the_plural_rules_of_unicode(language: str, name: str) -> None:
    with (FOLDER / language / "messages.po").open("rb") as file:
        found = read_po(file, locale=language).get(name)
    assert found is not None
    forms: list[str] = [found.string] if isinstance(found.string, str) else list(found.string)  # pyright: ignore[reportArgumentType, reportCallIssue]
    categories = ["zero", "one", "two", "few", "many", "other"]
    used = [category for category in categories if category in {*Locale(language).plural_form.rules, "other"}]
    assert len(forms) == len(used)
    for number in range(1, 1000):
        expected = forms[used.index(Locale(language).plural_form(number))]
        assert messages(language).counted(name, number) == expected.replace("{number}", str(number))
