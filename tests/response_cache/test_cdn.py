"""The relay hands the tags of changes to a CDN: in the background, in batches, and again if it fails."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import pytest

from adapters.cdn import Cdn, CdnUnavailable, Purges, open_cdn, purges
from adapters.cdn.webhook import WebhookCdn
from core.background import Background
from core.errors import SettingsError
from core.settings import Settings
from services.resources import open_resources
from tests.support.app import App
from tests.support.client import Client
from tests.support.commands import call_bff
from tests.support.relay import drained
from tests.support.timing import MOMENT, no_hang, settings_for, until
from tests.support.webhook import Hook, hooked

TOKEN = "hunter2"


@pytest.fixture
async def hook() -> AsyncGenerator[Hook]:
    async with hooked() as made:
        yield made


class Recorder(Cdn):
    """Records purges, and fails the next `failures` ones."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.failures = 0
        self.free = asyncio.Event()
        self.free.set()

    async def purge(self, tags: Sequence[str]) -> None:
        await self.free.wait()
        if self.failures:
            self.failures -= 1
            raise CdnUnavailable("status 500")
        self.batches.append(list(tags))


@asynccontextmanager
async def purging(cdn: Cdn, max_waiting: int = 3) -> AsyncGenerator[Purges]:
    made = Purges(cdn, Background(), max_waiting)
    yield made
    await made.close()


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shortens pauses."""
    monkeypatch.setattr(purges, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(purges, "INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(purges, "CLOSE_SECONDS", 0.1)


async def test_a_webhook_receives_tags_and_token(hook: Hook) -> None:
    cdn = open_cdn(hook.url, TOKEN)
    assert cdn is not None
    await cdn.purge(["Post:1", "User:2.posts"])
    ((line, headers, body),) = hook.requests
    assert line == ["POST", "/purge?site=a", "HTTP/1.1"]
    assert headers == {
        "Host": hook.url.split("/")[2],
        "Authorization": "Bearer hunter2",
        "Content-Type": "application/json",
        "Connection": "close",
        "Content-Length": "34",
    }
    assert body == {"tags": ["Post:1", "User:2.posts"]}


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (b"HTTP/1.1 500 Internal Server Error\r\n\r\n", "status 500"),
        (b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1/\r\n\r\n", "status 301"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 Unauthorized\r\n\r\n", "status 401"),
        (b"HTTP/1.1\r\n\r\n", "IndexError"),
        (b"SSH-2.0-OpenSSH\r\n", "ValueError"),
        (b"x" * 100_000, "ValueError"),
        (b"", "TimeoutError"),
    ],
)
async def test_a_webhook_that_does_not_confirm_is_an_outage(hook: Hook, answer: bytes, cause: str) -> None:
    hook.answer = answer
    cdn = open_cdn(hook.url, "")
    assert isinstance(cdn, WebhookCdn)
    cdn._connection._deadline = MOMENT if not answer else 30.0
    with pytest.raises(CdnUnavailable, match=f"^{cause}$"):
        await cdn.purge(["Post:1"])
    assert "Authorization" not in hook.requests[0][1]


async def test_a_webhook_that_is_not_there_is_an_outage() -> None:
    cdn = open_cdn("http://127.0.0.1:1/", "")
    assert cdn is not None
    with pytest.raises(CdnUnavailable, match=r"^ConnectionRefusedError$"):
        await cdn.purge(["Post:1"])


@pytest.mark.parametrize(
    ("url", "token", "message"),
    [
        ("ftp://cdn.example", "", "BFF_CDN_URL: use https://, http://, varnish://, log:// or an empty value"),
        ("https://", "", "BFF_CDN_URL: this is not a URL like https://cdn.example/purge"),
        ("https://cdn.example:port/", "", "BFF_CDN_URL: this is not a URL like https://cdn.example/purge"),
        ("https://[::1/", "", "BFF_CDN_URL: this is not a URL like https://cdn.example/purge"),
        ("https://cdn.example/a b", "", "BFF_CDN_URL: this is not a URL like https://cdn.example/purge"),
        ("https://:hunter2@cdn.example", "", "BFF_CDN_URL: give the token as BFF_CDN_TOKEN, and not in the URL"),
        (
            "varnish://cdn.example/purge",
            "",
            "BFF_CDN_URL: give the host and port of Varnish only, like varnish://10.0.0.3:6081",
        ),
        ("varnish://cdn.example", "a b", "BFF_CDN_TOKEN: use visible ASCII characters, without spaces"),
        ("https://cdn.example", "hunter2\r\nX: y", "BFF_CDN_TOKEN: use visible ASCII characters, without spaces"),
    ],
)
def test_a_wrong_setting_is_one_line_without_secrets(url: str, token: str, message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        open_cdn(url, token)
    assert str(raised.value) == message
    assert open_cdn("", token) is None


def test_the_doctor_checks_the_setting(database_url: str) -> None:
    wrong = call_bff("doctor", BFF_DATABASE_URL=database_url, BFF_CDN_URL="ftp://x")
    assert (wrong.returncode, wrong.stderr) == (
        1,
        "bff: BFF_CDN_URL: use https://, http://, varnish://, log:// or an empty value\n",
    )
    alone = call_bff("doctor", BFF_DATABASE_URL=database_url, BFF_CDN_URL="log://")
    assert "FAIL  settings: BFF_CDN_URL: a CDN stores cached responses only; set BFF_CACHE_URL too\n" in alone.stdout


async def test_tags_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "adapters.cdn.log")
    cdn = open_cdn("log://", "")
    assert cdn is not None
    await cdn.purge(["Post:1"])
    assert [(line.message, vars(line)["tags"]) for line in caplog.records] == [("purge of the CDN", ["Post:1"])]


@pytest.mark.usefixtures("brief")
async def test_tags_are_sent_in_batches_without_duplicates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purges, "BATCH", 2)
    cdn = Recorder()
    async with purging(cdn) as made:
        made.add(["a", "b"])
        made.add(["b", "c"])
        await until(lambda: made.sent == 3)
    assert cdn.batches == [["a", "b"], ["c"]]


async def test_batches_have_a_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purges, "BATCH", 1)
    monkeypatch.setattr(purges, "CLOSE_SECONDS", 0.0)
    monkeypatch.setattr(purges, "INTERVAL_SECONDS", 3600.0)
    cdn = Recorder()
    async with purging(cdn) as made:
        made.add(["a", "b"])
        await until(lambda: made.sent == 1)
        await asyncio.sleep(MOMENT)
    assert cdn.batches == [["a"]]


@pytest.mark.usefixtures("brief")
async def test_a_purge_is_tried_three_times(caplog: pytest.LogCaptureFixture) -> None:
    cdn = Recorder()
    async with purging(cdn) as made:
        cdn.failures = 2
        made.add(["a"])
        await until(lambda: made.sent == 1)
        assert cdn.batches == [["a"]]
        cdn.failures = 3
        made.add(["b"])
        await until(lambda: made.failed == 1)
        made.add(["c"])
        await until(lambda: made.sent == 2)
    assert cdn.batches == [["a"], ["c"]]
    assert [line.message for line in caplog.records] == ["the CDN does not confirm purges: status 500"]


@pytest.mark.usefixtures("brief")
async def test_the_oldest_tags_are_dropped_if_too_many_wait(caplog: pytest.LogCaptureFixture) -> None:
    cdn = Recorder()
    cdn.free.clear()
    async with purging(cdn) as made:
        made.add(["sending"])
        await until(lambda: made._sending)
        for number in range(10):
            made.add([str(number)])
        assert made.dropped == 7
        cdn.free.set()
        await until(lambda: made.sent == 4)
    assert cdn.batches == [["sending"], ["7", "8", "9"]]
    assert [line.message for line in caplog.records] == [
        "too many tags wait for purges of the CDN; the oldest are dropped"
    ]


@pytest.mark.usefixtures("brief")
async def test_a_process_that_stops_sends_what_waits_for_a_short_time(caplog: pytest.LogCaptureFixture) -> None:
    cdn = Recorder()
    async with purging(cdn) as made:
        made.add(["a"])
    assert cdn.batches == [["a"]]
    cdn.free.clear()
    async with no_hang(), purging(cdn) as made:
        made.add(["b"])
        await until(lambda: made._sending)
    assert [(line.message, vars(line)["tags"]) for line in caplog.records] == [("purges of the CDN were not sent", 1)]


async def test_the_relay_purges_what_it_projects(client: Client, settings: Settings, hook: Hook) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    post = await ana.publishes()
    await drained(client.resources)
    worker = settings_for(settings.database_url, cdn_url=hook.url, cdn_token=TOKEN)
    async with open_resources(worker) as resources:
        await ana.does("EditPost", postId=post, body="New")
        await ben.does("LikePost", postId=post)
        await drained(resources)
        await until(lambda: hook.tags)
    (row,) = await client.resources.database.fetch("SELECT id FROM posts ORDER BY id DESC LIMIT 1")
    assert hook.tags == [[f"Post:{row['id']}"]]


async def test_a_cdn_that_is_down_does_not_delay_the_relay(client: Client, settings: Settings) -> None:
    worker = settings_for(settings.database_url, cdn_url="http://127.0.0.1:1/")
    async with open_resources(worker) as resources:
        for _ in range(3):
            await App(client, "ana").publishes()
            await drained(resources)
        assert resources.purges is not None
        assert resources.purges.sent == 0
