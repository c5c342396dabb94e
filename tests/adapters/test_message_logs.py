"""The log of push notifications and mails at the level DEBUG, with the records of all libraries."""

import io
import json
import logging
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from adapters.mail import MailMessage, open_mail
from adapters.outcomes import Later, Sent
from adapters.push import FCM
from core.settings import Settings
from tests.support import fake_apns
from tests.support.fake_apns import FakeApns
from tests.support.fake_fcm import Answer, FakeFcm
from tests.support.logs import logged
from tests.support.mail_server import PASSWORD, MailServer, mail_server
from tests.support.pushes import APNS_TOKEN, MESSAGE, SetClock, opened_push
from tests.support.timing import DEADLINE

OF_FAKE_SERVERS = ("mail.log", "mail.debug", "python_multipart", "uvicorn")
"""Loggers of libraries that only the fake servers of these tests use."""

FCM_TOKEN, TITLE = "token:of/hers", "A title of hers"
MAIL = MailMessage(
    to="ana@mailbox.example",
    subject="Ben liked it.",
    text="The plain text.",
    html="<p>The rich text.</p>",
    mail_id="notification-1",
    unsubscribe_url="https://api.example/unsubscribe/token-of-the-link",
)


@pytest.fixture
def stream() -> Generator[io.StringIO]:
    with logged("DEBUG") as made:
        yield made


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[MailServer]:
    async with mail_server(tmp_path) as made:
        yield made


def assert_without(stream: io.StringIO, secrets: list[str]) -> None:
    """Asserts that the log works, and that no line of the product contains one of the secrets."""
    logging.getLogger("tests").debug("the last line")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (lines[-1]["level"], lines[-1]["message"]) == ("DEBUG", "the last line")
    said = [line for line in lines if not line["logger"].startswith(OF_FAKE_SERVERS)]
    found = [(line["logger"], secret) for line in said for secret in secrets if secret in json.dumps(line)]
    assert found == []


async def test_no_record_has_a_token_or_a_text_of_apns(stream: io.StringIO, apns: FakeApns) -> None:
    apns.answers.append(fake_apns.Answer(500, "InternalServerError"))
    async with opened_push(apns.url) as push:
        assert isinstance(await push.send(MESSAGE), Later)
        assert await push.send(MESSAGE._replace(title=TITLE)) == Sent()
        apns.cut()
        assert await push.send(MESSAGE) == Sent()
    signed = {pushed.headers["authorization"].removeprefix("bearer ") for pushed in apns.requests}
    key = apns.key.read_text().splitlines()[1]
    assert_without(stream, [APNS_TOKEN, MESSAGE.body, TITLE, key, *signed])


async def test_no_record_has_a_token_or_a_text_of_firebase(stream: io.StringIO, fcm: FakeFcm) -> None:
    message = MESSAGE._replace(provider=FCM, token=FCM_TOKEN, title=TITLE)
    fcm.token_answers.append(Answer(400, {"error": "invalid_grant"}))
    fcm.answers.append(Answer(500, {}))
    async with opened_push(fcm.url) as push:
        assert isinstance(await push.send(message), Later)
        assert isinstance(await push.send(message), Later)
        assert await push.send(message) == Sent()
    key = json.loads(fcm.file.read_text())["private_key"].splitlines()[1]
    assert_without(stream, [FCM_TOKEN, MESSAGE.body, TITLE, key, *fcm.tokens])


async def test_no_record_has_an_address_or_a_text_of_mails(stream: io.StringIO, server: MailServer) -> None:
    for url in (server.url(), server.url().replace("word%2F1", "wrong")):
        settings = Settings(
            mail_url=url, mail_from="no-reply@mail.example", mail_deadline=DEADLINE, work_deadline=2 * DEADLINE
        )
        mail = open_mail(settings, SetClock())
        assert mail is not None
        await mail.send(MAIL)
        server.recipient_answer = f"450 {MAIL.to} is greylisted"
        await mail.send(MAIL)
    assert len(server.mails) == 1
    assert_without(stream, [MAIL.to, MAIL.subject, MAIL.text, MAIL.html, "token-of-the-link", PASSWORD, "p%40ss"])
