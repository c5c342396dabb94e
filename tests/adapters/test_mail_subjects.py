"""Subjects of mails, with names that are written from right to left."""

from pathlib import Path

import pytest

from adapters.mail import MailMessage, open_mail
from adapters.mail.subjects import MAX_SUBJECT, subject_line
from adapters.outcomes import Sent
from core.settings import Settings
from tests.support.mail_server import mail_server
from tests.support.pushes import SetClock
from tests.support.timing import DEADLINE

FSI, PDI, LRI, RLI, RLO = "\u2068", "\u2069", "\u2066", "\u2067", "\u202e"
ARABIC = f"أعجب {FSI}Ben{PDI} بمنشورك."
ENGLISH = f"{FSI}سلمى{PDI} liked your post."


@pytest.mark.parametrize(
    "subject",
    [
        ARABIC,
        ENGLISH,
        f"{FSI}سلمى{PDI} {FSI}أحمد{PDI}",
        f"({FSI}سلمى{PDI}), Ünit",
        "x" * 150 + f" {FSI}سلمى{PDI}",
        "x" * MAX_SUBJECT,
    ],
)
def test_names_of_users_stay_isolated(subject: str) -> None:
    assert subject_line(subject) == subject


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        (f"a {FSI}b", "a b"),
        (f"a{PDI} b{FSI}", "a b"),
        (f"{PDI}a{FSI}", "a"),
        (f"{FSI}a {FSI}b{PDI} c{PDI}", f"a {FSI}b{PDI} c"),
        (f"{RLI}a{PDI} {LRI}b{PDI}", "a b"),
        (f"{FSI}{RLO}a{PDI} {RLO}b", f"{FSI}a{PDI} b"),
        (f"{FSI}{PDI}a{FSI} \u200b{PDI}b", "a b"),
        (f"a  {FSI}\tb\n{PDI}  c ", f"a {FSI} b {PDI} c"),
        (f"a{FSI}\r\nBcc: eve@example.com{PDI}\r\nX: y", f"a{FSI} Bcc: eve@example.com{PDI} X: y"),
        (f"{FSI}a\x00\u2028\ud800b{PDI}", f"{FSI}a b{PDI}"),
    ],
)
def test_other_marks_and_controls_are_removed(value: str, subject: str) -> None:
    assert subject_line(value) == subject


@pytest.mark.parametrize(
    "value", ["", " ", FSI + PDI, f"{FSI}\u200b{PDI} ", f"{FSI}\n{PDI}", f"{FSI}\ud800{PDI}", PDI + FSI]
)
def test_a_subject_without_anything_visible_is_none(value: str) -> None:
    assert subject_line(value) is None


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        (f"{FSI}{'ب' * 300}{PDI} b", f"{FSI}{'ب' * 198}{PDI}"),
        (f"{'a' * 190} {FSI}{'ب' * 20}{PDI} b", f"{'a' * 190} {FSI}{'ب' * 7}{PDI}"),
        (f"{'a' * 199}{FSI}ب{PDI}", "a" * 199),
        (f"{'a' * 198}{FSI}ب{PDI}", "a" * 198),
        (f"{'a' * 197}{FSI}ب{PDI}", f"{'a' * 197}{FSI}ب{PDI}"),
        (f"{'a' * 196}{FSI}👩‍👩‍👧‍👦{PDI}b", "a" * 196),
        (f"{FSI}ب{PDI}" * 300, f"{FSI}ب{PDI}" * 66),
        (f"{FSI}{'ب' * 5000}{PDI}", "ب" * 200),
    ],
)
def test_a_long_subject_is_cut_and_its_isolates_are_ended(value: str, subject: str) -> None:
    assert subject_line(value) == subject


@pytest.mark.parametrize("subject", [ARABIC, ENGLISH, f"{'بمنشورك ' * 15}{FSI}Ben{PDI}"])
async def test_a_reader_gets_the_isolates(tmp_path: Path, subject: str) -> None:
    async with mail_server(tmp_path) as server:
        settings = Settings(
            mail_url=server.url(), mail_from="no-reply@mail.example", mail_deadline=DEADLINE, work_deadline=2 * DEADLINE
        )
        mail = open_mail(settings, SetClock())
        assert mail is not None
        injected = f"{FSI}x{PDI}\r\nBcc: eve@example.com\r\n\r\n{FSI}"
        for each in (subject, injected):
            message = MailMessage("ana@example.com", each, "text", "<p>text</p>", "notification-1", None)
            assert await mail.send(message) == Sent()
    assert [str(got["Subject"]) for got in server.mails] == [subject, f"{FSI}x{PDI} Bcc: eve@example.com"]
    assert ["Bcc" in got for got in server.mails] == [False, False]
    assert [envelope.rcpt_tos for envelope in server.envelopes] == [["ana@example.com"]] * 2
