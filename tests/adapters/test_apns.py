"""Apple's push service, over HTTP/2 with TLS."""

import asyncio
from pathlib import Path

import pytest

from adapters.breaker import FAILURES
from adapters.outcomes import Dead, Later, Outcome, Rejected, Sent
from adapters.push.http import MAX_BYTES
from tests.support.certificates import self_signed
from tests.support.fake_apns import TEAM_ID, TOPIC, Answer, FakeApns
from tests.support.pushes import APNS_TOKEN, HUGE_OFFSET, LAST_SECOND, MESSAGE, SetClock, opened_push
from tests.support.timing import MOMENT, PASSING, no_hang, until


async def test_a_notification_is_sent_as_apple_describes_it(apns: FakeApns) -> None:
    clock = SetClock()
    async with opened_push(apns.url, clock) as push:
        assert await push.send(MESSAGE) == Sent()
    (pushed,) = apns.requests
    seconds = int(clock.now.timestamp())
    assert pushed.path == f"/3/device/{APNS_TOKEN}"
    assert pushed.claims == {"iss": TEAM_ID, "iat": seconds}
    assert pushed.headers["accept-encoding"] == "identity"
    assert {name: value for name, value in pushed.headers.items() if name.startswith("apns-")} == {
        "apns-topic": TOPIC,
        "apns-push-type": "alert",
        "apns-priority": "10",
        "apns-expiration": str(seconds + 86_400),
        "apns-collapse-id": "notification-1",
    }
    assert pushed.payload == {
        "aps": {"alert": {"body": "Ben liked your post."}, "badge": 3, "sound": "default"},
        "link": "com.example.app://notifications/notification-1",
        "notificationId": "notification-1",
    }


async def test_a_title_is_sent_if_there_is_one(apns: FakeApns) -> None:
    async with opened_push(apns.url) as push:
        await push.send(MESSAGE._replace(title="An app"))
    assert apns.requests[0].payload["aps"]["alert"] == {"title": "An app", "body": "Ben liked your post."}


async def test_all_notifications_share_one_connection(apns: FakeApns) -> None:
    async with opened_push(apns.url) as push:
        outcomes = await asyncio.gather(*(push.send(MESSAGE._replace(badge=n)) for n in range(40)))
        assert set(outcomes) == {Sent()}
        await push.send(MESSAGE)
    assert (len(apns.requests), apns.connections) == (41, 1)


async def test_a_connection_that_was_closed_is_opened_again(apns: FakeApns) -> None:
    async with opened_push(apns.url) as push:
        await push.send(MESSAGE)
        apns.cut()
        await asyncio.sleep(MOMENT)
        assert await push.send(MESSAGE) == Sent()
    assert (len(apns.requests), apns.connections) == (2, 2)


@pytest.mark.parametrize("body", ["x" * 10_000, "ü" * 10_000, "👩‍👩‍👧‍👦" * 1000, '"\\' * 5000, "\n" * 5000])
async def test_a_long_body_is_cut_after_a_whole_character_so_that_the_payload_fits(apns: FakeApns, body: str) -> None:
    async with opened_push(apns.url) as push:
        assert await push.send(MESSAGE._replace(body=body)) == Sent()
    (pushed,) = apns.requests
    shown = pushed.payload["aps"]["alert"]["body"]
    assert 4096 - 60 < len(pushed.body) <= 4096 or not body.strip()
    assert shown.endswith("…")
    rest = body[len(shown) - 1 :]
    assert body.startswith(shown[:-1])
    assert "👩" not in body or rest.startswith("👩")


async def test_a_payload_that_cannot_fit_is_rejected_without_a_call(apns: FakeApns) -> None:
    async with opened_push(apns.url) as push:
        assert await push.send(MESSAGE._replace(link="x" * 5000)) == Rejected("PayloadTooLarge")
    assert apns.requests == []


@pytest.mark.parametrize("token", ["", "token-of-hers", "../../3/device/00", "00?x=y", "00\r\nx: y", "é"])
async def test_a_text_that_is_no_token_of_apple_is_dead_without_a_call(apns: FakeApns, token: str) -> None:
    async with opened_push(apns.url) as push:
        assert await push.send(MESSAGE._replace(token=token)) == Dead()
    assert apns.requests == []


async def test_a_long_collapse_key_is_replaced_by_its_digest(apns: FakeApns) -> None:
    async with opened_push(apns.url) as push:
        for key in ("k" * 64, "k" * 65, "ü"):
            await push.send(MESSAGE._replace(collapse_key=key))
    first, *others = (pushed.headers["apns-collapse-id"] for pushed in apns.requests)
    assert first == "k" * 64
    assert [len(key) for key in others] == [64, 64]
    assert len({first, *others}) == 3


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(410, "Unregistered"), Dead()),
        (Answer(410), Dead()),
        (Answer(400, "BadDeviceToken"), Dead()),
        (Answer(400, "DeviceTokenNotForTopic"), Rejected("DeviceTokenNotForTopic")),
        (Answer(400), Rejected("status 400")),
        (Answer(413, "PayloadTooLarge"), Rejected("PayloadTooLarge")),
        (Answer(403, 'x"\n'), Later(5, "status 403")),
        (Answer(403), Later(5, "status 403")),
        (Answer(403, "BadCertificateEnvironment"), Later(5, "BadCertificateEnvironment")),
        (Answer(403, "Forbidden"), Later(5, "Forbidden")),
        (Answer(403, "MissingProviderToken"), Later(5, "MissingProviderToken")),
        (Answer(400, "BadTopic"), Later(5, "BadTopic")),
        (Answer(400, "MissingTopic"), Later(5, "MissingTopic")),
        (Answer(400, "TopicDisallowed"), Later(5, "TopicDisallowed")),
        (Answer(429, "TooManyRequests"), Later(60, "TooManyRequests")),
        (Answer(429, "TooManyRequests", {"retry-after": "7"}), Later(7, "TooManyRequests")),
        (Answer(429, "TooManyRequests", {"retry-after": "0"}), Later(1, "TooManyRequests")),
        (Answer(429, "TooManyRequests", {"retry-after": "999999999"}), Later(3600, "TooManyRequests")),
        (Answer(429, "TooManyRequests", {"retry-after": LAST_SECOND}), Later(3600, "TooManyRequests")),
        (Answer(429, "TooManyRequests", {"retry-after": HUGE_OFFSET}), Later(60, "TooManyRequests")),
        (Answer(503, "Shutdown", {"retry-after": HUGE_OFFSET}), Later(5, "status 503")),
        (Answer(429, "TooManyProviderTokenUpdates"), Later(1200, "TooManyProviderTokenUpdates")),
        (Answer(403, "ExpiredProviderToken"), Later(1, "ExpiredProviderToken")),
        (Answer(403, "InvalidProviderToken"), Later(5, "InvalidProviderToken")),
        (Answer(500, "InternalServerError"), Later(5, "status 500")),
        (Answer(503, "ServiceUnavailable", {"retry-after": "30"}), Later(30, "status 503")),
        (Answer(503, "Shutdown", {"retry-after": "999999999999"}), Later(3600, "status 503")),
        (Answer(503, "Shutdown", {"retry-after": "Mon, 30 Nov 2026 12:01:30 GMT"}), Later(90, "status 503")),
        (Answer(503, "Shutdown", {"retry-after": "soon"}), Later(5, "status 503")),
    ],
)
async def test_each_answer_has_an_outcome(apns: FakeApns, answer: Answer, outcome: Outcome) -> None:
    apns.answers.append(answer)
    async with opened_push(apns.url) as push:
        assert await push.send(MESSAGE) == outcome
        assert await push.send(MESSAGE) == Sent()


async def test_a_response_is_read_up_to_its_maximum(apns: FakeApns) -> None:
    apns.answers.append(Answer(400, "x" * MAX_BYTES))
    async with opened_push(apns.url) as push:
        assert await push.send(MESSAGE) == Later(5, "the response is too long")
        assert await push.send(MESSAGE) == Sent()


async def test_the_token_of_the_provider_is_renewed_after_forty_minutes(apns: FakeApns) -> None:
    clock = SetClock()
    async with opened_push(apns.url, clock) as push:
        for minutes in (0, 39, 1, 39):
            clock.advance(minutes=minutes)
            await push.send(MESSAGE)
    ages = [(int(pushed.claims["iat"]) - int(SetClock().now.timestamp())) / 60 for pushed in apns.requests]
    assert ages == [0, 0, 40, 40]
    assert len({pushed.headers["authorization"] for pushed in apns.requests}) == 2


async def test_an_expired_token_of_the_provider_is_renewed_at_most_every_twenty_minutes(apns: FakeApns) -> None:
    clock = SetClock()
    async with opened_push(apns.url, clock) as push:
        for minutes in (19, 1, 0):
            apns.answers.append(Answer(403, "ExpiredProviderToken"))
            await push.send(MESSAGE)
            clock.advance(minutes=minutes)
        await push.send(MESSAGE)
    tokens = [pushed.headers["authorization"] for pushed in apns.requests]
    assert tokens[0] == tokens[1] == tokens[2] != tokens[3]


async def test_a_connection_without_answers_is_given_up_and_another_one_opened(apns: FakeApns) -> None:
    async with no_hang(), opened_push(apns.url, push_deadline=PASSING) as push:
        assert await push.send(MESSAGE) == Sent()
        apns.answers.append(Answer(0, hangs=True))
        assert await push.send(MESSAGE) == Later(5, "ReadTimeout")
        assert await push.send(MESSAGE) == Sent()
    assert (len(apns.requests), apns.connections) == (3, 2)


async def test_calls_beyond_the_maximum_wait_for_their_turn(apns: FakeApns) -> None:
    async with opened_push(apns.url, push_calls=2) as push:
        await push.send(MESSAGE)
        apns.answers.extend([Answer(0, hangs=True)] * 2)
        hanging = [asyncio.create_task(push.send(MESSAGE)) for _ in range(2)]
        await until(lambda: len(apns.requests) == 3)
        waiting = asyncio.create_task(push.send(MESSAGE))
        await asyncio.sleep(MOMENT)
        assert len(apns.requests) == 3
        hanging[0].cancel()
        assert await waiting == Sent()
        hanging[1].cancel()
        await asyncio.wait(hanging)


async def test_the_breaker_opens_after_failures_in_a_row(apns: FakeApns) -> None:
    apns.answers.extend([Answer(500)] * FAILURES)
    async with opened_push(apns.url) as push:
        for _ in range(FAILURES):
            assert await push.send(MESSAGE) == Later(5, "status 500")
        assert await push.send(MESSAGE) == Later(5, "the breaker is open")
    assert len(apns.requests) == FAILURES


@pytest.mark.parametrize(
    "answer", [Answer(400, "TopicDisallowed"), Answer(403, "InvalidProviderToken"), Answer(403, "ExpiredProviderToken")]
)
async def test_wrong_settings_open_the_breaker(apns: FakeApns, answer: Answer) -> None:
    apns.answers.extend([answer] * FAILURES)
    async with opened_push(apns.url) as push:
        for _ in range(FAILURES):
            await push.send(MESSAGE)
        assert await push.send(MESSAGE) == Later(5, "the breaker is open")
    assert len(apns.requests) == FAILURES


async def test_nothing_is_sent_to_a_server_with_another_certificate(apns: FakeApns, tmp_path: Path) -> None:
    other = self_signed(tmp_path, "other")
    url = apns.url.replace(str(apns.certificate.certificate), str(other.certificate))
    async with opened_push(url) as push:
        assert await push.send(MESSAGE) == Later(5, "ConnectError")
    assert apns.requests == []


async def test_a_server_that_is_not_there_is_unavailable(apns: FakeApns) -> None:
    async with opened_push(apns.url.replace(str(apns.port), "1", 1)) as push:
        assert await push.send(MESSAGE) == Later(5, "ConnectError")
