"""Mails, by a server with STARTTLS, with TLS from the beginning, and without TLS."""

import logging
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from adapters.mail import Mail, MailMessage, open_mail
from adapters.mail.composing import compose, read_address, read_sender
from adapters.outcomes import Dead, Later, Outcome, Rejected, Sent
from core.errors import SettingsError
from core.settings import Settings
from tests.support.certificates import self_signed
from tests.support.mail_server import PASSWORD, MailServer, mail_server
from tests.support.pushes import SetClock
from tests.support.timing import DEADLINE, MOMENT, no_hang

PRODUCTION: dict[str, Any] = {"env": "production", "secret_keys": "a:" + "x" * 32}
FROM = "Example Ünit <no-reply@mail.example>"
MAIL = MailMessage(
    to="ana@example.com",
    subject="Your payment did not go through.",
    text="Your payment did not go through.\n\nÖffnen: https://app.example/n/1\n",
    html="<p>Your payment did not go through.</p>",
    mail_id="notification-1",
    unsubscribe_url="https://api.example/unsubscribe?t=abc.def-1",
)


def opened(url: str, deadline: float = DEADLINE) -> Mail:
    settings = Settings(mail_url=url, mail_from=FROM, mail_deadline=deadline, work_deadline=2 * DEADLINE)
    mail = open_mail(settings, SetClock())
    assert mail is not None
    return mail


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[MailServer]:
    async with mail_server(tmp_path) as made:
        yield made


async def test_a_mail_is_sent_encrypted_with_text_and_html(server: MailServer) -> None:
    assert await opened(server.url()).send(MAIL) == Sent()
    assert server.encrypted == [True]
    (envelope,), (mail,) = server.envelopes, server.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@mail.example", ["ana@example.com"])
    assert {name: str(value) for name, value in mail.items() if name not in ("Message-ID", "Content-Type")} == {
        "From": "Example Ünit <no-reply@mail.example>",
        "To": "ana@example.com",
        "Subject": "Your payment did not go through.",
        "Date": "Mon, 30 Nov 2026 12:00:00 +0000",
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": "<https://api.example/unsubscribe?t=abc.def-1>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "MIME-Version": "1.0",
    }
    assert mail.get_content_type() == "multipart/alternative"
    plain, rich = mail.iter_parts()
    assert (plain.get_content_type(), plain.get_content()) == ("text/plain", MAIL.text)
    assert (rich.get_content_type(), rich.get_content().strip()) == ("text/html", MAIL.html)


async def test_a_repeated_mail_has_the_same_id_and_others_have_other_ids(server: MailServer) -> None:
    mail = opened(server.url())
    for message in (
        MAIL,
        MAIL._replace(text="in another language"),
        MAIL._replace(mail_id="notification-2"),
        MAIL._replace(to="ben@example.com"),
    ):
        assert await mail.send(message) == Sent()
    first, again, *others = (str(sent["Message-ID"]) for sent in server.mails)
    assert first == again
    assert len({first, *others}) == 3
    assert first.endswith("@mail.example>")
    assert "ana" not in first


async def test_a_mail_is_sent_whatever_the_server_does_after_accepting_it(server: MailServer) -> None:
    server.hangs_at_end = True
    assert await opened(server.url()).send(MAIL) == Sent()
    assert len(server.envelopes) == 1


@pytest.mark.parametrize("length", [1, 40, 60, 76, 100, 900])
async def test_an_address_for_unsubscribing_of_any_length_is_in_one_line(server: MailServer, length: int) -> None:
    url = "https://" + "a" * length
    assert await opened(server.url()).send(MAIL._replace(unsubscribe_url=url)) == Sent()
    content = server.envelopes[0].content
    assert isinstance(content, bytes)
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in content


async def test_without_an_address_for_unsubscribing_a_mail_has_no_such_header(server: MailServer) -> None:
    await opened(server.url()).send(MAIL._replace(unsubscribe_url=None))
    assert [name for name in server.mails[0] if name.startswith("List-")] == []


@pytest.mark.parametrize("text", ["a\r\nBcc: eve@example.com", "a\nX: y", "a\x00b", "a\u2028b", "x" * 5000, "ü" * 300])
async def test_a_subject_cannot_add_a_header(server: MailServer, text: str) -> None:
    assert await opened(server.url()).send(MAIL._replace(subject=text)) == Sent()
    (mail,), (envelope,) = server.mails, server.envelopes
    assert mail.keys().count("Bcc") + mail.keys().count("X") == 0
    assert len(str(mail["Subject"])) <= 200
    assert envelope.rcpt_tos == ["ana@example.com"]


@pytest.mark.parametrize(
    "to",
    [
        "",
        "ana",
        "@example.com",
        "ana@",
        "ana@example.com\r\nRCPT TO:<eve@example.com>",
        "ana@example.com>, <eve@example.com",
        "ana@exa mple.com",
        "a b@example.com",
        "ana,eve@example.com",
        '"ana"@example.com',
        "ana@-x.com",
        "ana@example..com",
        "ana@" + "x" * 300,
    ],
)
async def test_a_text_that_is_not_one_address_is_rejected_without_a_call(server: MailServer, to: str) -> None:
    assert await opened(server.url()).send(MAIL._replace(to=to)) == Rejected("ADDRESS")
    assert server.envelopes == []


async def test_a_domain_is_sent_in_ascii_and_other_letters_before_it_need_a_server_that_has_them(
    server: MailServer,
) -> None:
    mail = opened(server.url())
    assert await mail.send(MAIL._replace(to="ana@bücher.example")) == Sent()
    assert server.envelopes[0].rcpt_tos == ["ana@xn--bcher-kva.example"]
    assert await mail.send(MAIL._replace(to="änä@example.com")) == Rejected("SMTPUTF8")


def test_an_address_for_unsubscribing_cannot_add_a_header() -> None:
    sender, recipient = read_sender(FROM), read_address(MAIL.to)
    for url in (
        "http://api.example/",
        "https://a>\r\nX: y",
        "https://a b",
        "https://a/<x>",
        "https://",
        f"https://{'a' * 901}",
    ):
        with pytest.raises(ValueError, match="is not a URL"):
            compose(MAIL._replace(unsubscribe_url=url), sender, recipient, SetClock()())


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 no such mailbox", Dead()),
        ("550 5.7.1 spam", Rejected("status 550")),
        ("552 too large", Rejected("status 552")),
        ("450 4.2.1 greylisted, come back", Later(300, "status 450")),
        ("451 try again", Later(300, "status 451")),
    ],
)
async def test_each_answer_has_an_outcome(server: MailServer, answer: str, outcome: Outcome) -> None:
    mail = opened(server.url())
    server.recipient_answer = answer
    assert await mail.send(MAIL) == outcome
    assert server.envelopes == []
    server.recipient_answer, server.data_answer = "250 OK", answer
    assert await mail.send(MAIL) == outcome
    server.data_answer = "250 OK"
    assert await mail.send(MAIL) == Sent()


async def test_a_wrong_password_makes_mails_wait(server: MailServer) -> None:
    mail = opened(server.url().replace("p%40ss", "other"))
    assert await mail.send(MAIL) == Later(5, "SMTPAuthenticationError 535")
    assert server.envelopes == []


async def test_a_server_with_tls_from_the_beginning(tmp_path: Path) -> None:
    async with mail_server(tmp_path, "implicit") as server:
        assert await opened(server.url("smtps")).send(MAIL) == Sent()
        assert isinstance(await opened(server.url("smtp"), MOMENT).send(MAIL), Later)
    assert len(server.envelopes) == 1


async def test_nothing_is_sent_in_clear_text_unless_the_url_says_so(tmp_path: Path) -> None:
    async with mail_server(tmp_path, "none") as server:
        plain = f"smtp://localhost:{server.port}"
        assert await opened(plain).send(MAIL) == Later(5, "SMTPException")
        assert server.envelopes == []
        assert await opened(f"{plain}?starttls=none").send(MAIL) == Sent()
        assert server.encrypted == [False]


async def test_nothing_is_sent_to_a_server_with_another_certificate_or_name(server: MailServer, tmp_path: Path) -> None:
    other = self_signed(tmp_path, "other")
    for url in (
        server.url().replace(str(server.certificate.certificate), str(other.certificate)),
        server.url().replace("localhost", "127.0.0.1"),
    ):
        assert isinstance(await opened(url).send(MAIL), Later)
    assert server.envelopes == []


async def test_a_server_that_hangs_or_is_not_there_makes_mails_wait(server: MailServer) -> None:
    server.hangs = True
    async with no_hang():
        assert isinstance(await opened(server.url(), MOMENT).send(MAIL), Later)
        assert await opened("smtp://localhost:1").send(MAIL) == Later(5, "SMTPConnectError")


NO_URL = "BFF_MAIL_URL: this is not a URL like smtp://user:password@mail.example:587"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("hunter2", "BFF_MAIL_URL: use smtp://, smtps:// or log://"),
        ("http://x", "BFF_MAIL_URL: use smtp://, smtps:// or log://"),
        ("smtp://", NO_URL),
        ("smtp://a:hunter2@", NO_URL),
        ("smtp://a:hunter2@x:port", NO_URL),
        ("smtp://a:hunter2@[::1", NO_URL),
        ("smtp://a:hunter2@x/path", NO_URL),
        ("smtp://a:hunter2@x?starttls=maybe", NO_URL),
        ("smtp://a:hunter2@x?tls=required", NO_URL),
        ("smtp://a:hunter2@x?hunter2", NO_URL),
        ("smtp://hunter2@x", "BFF_MAIL_URL: name a user and a password, or none of both"),
        ("smtp://a:hunter2@x?starttls=none", "BFF_MAIL_URL: a password needs TLS"),
        ("smtp://x?ca=/none.pem", "BFF_MAIL_URL: cannot read /none.pem: No such file or directory"),
        ("smtp://x?ca=/etc/hostname", "BFF_MAIL_URL: /etc/hostname has no certificates"),
    ],
)
def test_a_wrong_url_is_one_line_without_secrets(url: str, message: str) -> None:
    with pytest.raises(Exception, match="BFF_MAIL_URL") as caught:
        opened(url)
    assert str(caught.value) == message


@pytest.mark.parametrize("host", ["mail.example", "10.0.0.1", "[2001:db8::1]", "localhost.example"])
def test_production_reaches_no_other_machine_without_tls(host: str) -> None:
    url = f"smtp://{host}:25?starttls=none"
    with pytest.raises(SettingsError) as caught:
        open_mail(Settings(mail_url=url, mail_from=FROM, **PRODUCTION), SetClock())
    assert str(caught.value) == "BFF_MAIL_URL: in production, only 127.0.0.1, ::1 and localhost are reached without TLS"
    assert opened(url).engine.name == "smtp"


@pytest.mark.parametrize("url", ["localhost?starttls=none", "127.0.0.1?starttls=none", "[::1]?starttls=none", "x"])
def test_production_reaches_this_machine_without_tls_and_others_with_tls(url: str) -> None:
    assert open_mail(Settings(mail_url=f"smtp://{url}", mail_from=FROM, **PRODUCTION), SetClock()) is not None


@pytest.mark.parametrize("sender", ["", "Example", "a@b c", "a@x.example, b@x.example", "a@x.example\r\nX: y"])
def test_a_wrong_sender_is_one_line(sender: str) -> None:
    with pytest.raises(Exception, match="BFF_MAIL_FROM") as caught:
        open_mail(Settings(mail_url="smtp://mail.example", mail_from=sender), SetClock())
    assert str(caught.value) == "BFF_MAIL_FROM: this is not an address like Example <no-reply@example.com>"


async def test_development_logs_ids_and_production_sends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert await opened("").send(MAIL) == Sent()
    (record,) = caplog.records
    assert (record.name, record.getMessage()) == ("adapters.mail.log", "mail")
    assert not [text for text in (MAIL.to, MAIL.subject, MAIL.text, PASSWORD) if text in str(record.__dict__)]
    assert open_mail(Settings(**PRODUCTION), SetClock()) is None


@pytest.mark.parametrize("answer", ["550 not your domain", "451 later"])
async def test_mails_wait_while_their_sender_is_not_permitted(server: MailServer, answer: str) -> None:
    server.sender_answer = answer
    mail = opened(server.url())
    assert await mail.send(MAIL) == Later(5, f"SMTPSenderRefused {answer[:3]}")
    server.sender_answer = "250 OK"
    assert await mail.send(MAIL) == Sent()
