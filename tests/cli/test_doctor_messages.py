"""`bff doctor` checks the engines of push notifications and mails, and sends nothing."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support import fake_apns
from tests.support.commands import call_bff
from tests.support.fake_apns import FakeApns
from tests.support.fake_fcm import Answer, FakeFcm
from tests.support.mail_server import MailServer, mail_server
from tests.support.timing import DEADLINE

PRODUCTION = {"BFF_ENV": "production", "BFF_SECRET_KEYS": "a:" + "x" * 32}
FROM = {"BFF_MAIL_FROM": "no-reply@mail.example", "BFF_MAIL_DEADLINE": str(DEADLINE)}
PATIENT = {"BFF_PUSH_DEADLINE": str(DEADLINE)}
SHORT = "0.5"
"""Seconds of a deadline that passes."""


@pytest.fixture
async def mail(tmp_path: Path) -> AsyncGenerator[MailServer]:
    async with mail_server(tmp_path) as server:
        yield server


async def lines(url: str, **environment: str) -> list[str]:
    """Returns the doctor's lines about push notifications and mails."""
    done = await asyncio.to_thread(call_bff, "doctor", BFF_DATABASE_URL=url, **environment)
    return [line for line in done.stdout.splitlines() if line[6:].startswith(("push", "mail"))]


async def push(url: str, **environment: str) -> list[str]:
    return [line for line in await lines(url, **{**PATIENT, **environment}) if line[6:].startswith("push")]


async def mailing(url: str, mail_url: str, **environment: str) -> str:
    (line,) = [
        line
        for line in await lines(url, BFF_MAIL_URL=mail_url, **{**FROM, **environment})
        if line[6:].startswith("mail")
    ]
    return line


async def test_the_doctor_says_when_nothing_is_sent(database_url: str) -> None:
    assert await lines(database_url) == ["ok    push (log)", "ok    mail (log)"]
    assert await lines(database_url, **PRODUCTION) == [
        "ok    push (none: BFF_PUSH_URL is empty, so nothing is sent)",
        "ok    mail (none: BFF_MAIL_URL is empty, so nothing is sent)",
    ]
    logs = {"BFF_PUSH_URL": "log://", "BFF_MAIL_URL": "log://"}
    assert await lines(database_url, **PRODUCTION, **logs) == [
        "FAIL  push (log): BFF_PUSH_URL: log:// sends nothing; name an engine, or leave it empty",
        "FAIL  mail (log): BFF_MAIL_URL: log:// sends nothing; name an engine, or leave it empty",
    ]


async def test_a_deadline_that_is_not_below_that_of_the_job_is_one_line(database_url: str) -> None:
    late = {"BFF_PUSH_DEADLINE": "6", "BFF_WORK_DEADLINE": "6", "BFF_PUSH_URL": "log://"}
    done = await asyncio.to_thread(call_bff, "doctor", BFF_DATABASE_URL=database_url, **late)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "bff: BFF_PUSH_DEADLINE: a job ends before its call; make it less than BFF_WORK_DEADLINE\n"


async def test_the_doctor_checks_all_engines_and_sends_nothing(
    database_url: str, apns: FakeApns, fcm: FakeFcm, mail: MailServer
) -> None:
    settings = {"BFF_PUSH_URL": f"{apns.url},{fcm.url}", "BFF_MAIL_URL": mail.url(), **FROM, **PATIENT}
    assert await lines(database_url, **settings) == ["ok    push (apns)", "ok    push (fcm)", "ok    mail (smtp)"]
    assert [pushed.path for pushed in apns.requests] == ["/3/device/"]
    assert (len(fcm.tokens), fcm.messages, mail.envelopes) == (1, [], [])


async def test_the_doctor_reports_what_apns_rejects(database_url: str, apns: FakeApns) -> None:
    rejected = (
        "FAIL  push (apns): Apple rejects the key or the topic ({}): correct the file, key_id, team_id or topic in "
        "BFF_PUSH_URL"
    )
    assert await push(database_url, BFF_PUSH_URL=apns.url.replace("DEF123GHIJ", "ANOTHER")) == [
        rejected.format("InvalidProviderToken")
    ]
    other = generate_private_key(SECP256R1())
    apns.key.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert await push(database_url, BFF_PUSH_URL=apns.url) == [rejected.format("InvalidProviderToken")]
    apns.answers.append(fake_apns.Answer(400, "TopicDisallowed"))
    assert await push(database_url, BFF_PUSH_URL=apns.url) == [rejected.format("TopicDisallowed")]


async def test_the_doctor_reports_an_apns_that_does_not_answer(database_url: str, apns: FakeApns) -> None:
    advice = "FAIL  push (apns): it does not answer ({}): check the network, or correct BFF_PUSH_URL"
    untrusted = apns.url.partition("&ca=")[0]
    assert await push(database_url, BFF_PUSH_URL=untrusted) == [advice.format("its certificate is not trusted")]
    nowhere = apns.url.replace(f":{apns.port}", ":1")
    assert await push(database_url, BFF_PUSH_URL=nowhere) == [advice.format("ConnectError")]
    unknown = apns.url.replace("localhost", "apns.invalid")
    assert await push(database_url, BFF_PUSH_URL=unknown) == [advice.format("its name is not known")]
    apns.answers.extend([fake_apns.Answer(200, hangs=True)] * 2)
    (line,) = await push(database_url, BFF_PUSH_URL=apns.url, BFF_PUSH_DEADLINE=SHORT)
    assert line in {advice.format("ReadTimeout"), advice.format("no answer within the deadline")}


async def test_the_doctor_reports_what_google_rejects(database_url: str, fcm: FakeFcm) -> None:
    fcm.token_answers.append(Answer(400, {"error": "invalid_grant"}))
    (line,) = await push(database_url, BFF_PUSH_URL=fcm.url)
    advice = "Google rejects the service account (no access token, status 400): name the file of a valid one"
    assert line == f"FAIL  push (fcm): {advice} in BFF_PUSH_URL"
    fcm.token_answers.append(Answer(503))
    assert await push(database_url, BFF_PUSH_URL=fcm.url) == [
        "FAIL  push (fcm): it does not answer (status 503): check the network, or correct BFF_PUSH_URL"
    ]


async def test_the_doctor_reports_what_the_mail_server_rejects(database_url: str, mail: MailServer) -> None:
    wrong = mail.url().replace("word%2F1", "wrong")
    line = await mailing(database_url, wrong)
    assert line == "FAIL  mail (smtp): the server rejects user or password (status 535): correct them in BFF_MAIL_URL"
    assert mail.envelopes == []


async def test_the_doctor_reports_a_mail_server_that_does_not_answer(
    database_url: str, mail: MailServer, tmp_path: Path
) -> None:
    advice = "FAIL  mail (smtp): it does not answer ({}): check the network, or correct BFF_MAIL_URL"
    untrusted = mail.url().partition("?ca=")[0]
    assert await mailing(database_url, untrusted) == advice.format("its certificate is not trusted")
    assert await mailing(database_url, "smtp://localhost:1") == advice.format("SMTPConnectError")
    async with mail_server(tmp_path, "none") as plain:
        line = await mailing(database_url, plain.url().replace(str(mail.port), str(plain.port)))
        assert line == advice.format("SMTPException")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        line = await mailing(database_url, f"smtp://127.0.0.1:{port}", BFF_MAIL_DEADLINE=SHORT)
    assert line in {advice.format("SMTPConnectTimeoutError"), advice.format("no answer within the deadline")}


async def test_no_line_of_the_doctor_has_a_secret(database_url: str, mail: MailServer, fcm: FakeFcm) -> None:
    fcm.token_answers.append(Answer(400, {"error": "invalid_grant"}))
    done = await asyncio.to_thread(
        call_bff,
        "doctor",
        BFF_DATABASE_URL=database_url,
        BFF_MAIL_URL=mail.url().replace("word%2F1", "wrong"),
        BFF_PUSH_URL=fcm.url,
        **FROM,
        **PATIENT,
    )
    said = done.stdout + done.stderr
    assert "p@ss" not in said
    assert "p%40ss" not in said
    assert "PRIVATE KEY" not in said


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("fcm:///nowhere.json", "BFF_PUSH_URL: cannot read /nowhere.json: No such file or directory"),
        ("fcm://{key}", "BFF_PUSH_URL: {key} is not the file of a service account"),
        (
            "apns://{account}?key_id=a&team_id=b&topic=c",
            "BFF_PUSH_URL: {account} is not a key of APNs, a .p8 file",
        ),
    ],
)
async def test_a_wrong_file_is_one_line(
    database_url: str, url: str, problem: str, apns: FakeApns, fcm: FakeFcm
) -> None:
    named = {"key": str(apns.key), "account": str(fcm.file)}
    done = await asyncio.to_thread(call_bff, "doctor", BFF_DATABASE_URL=database_url, BFF_PUSH_URL=url.format(**named))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"bff: {problem.format(**named)}\n"
