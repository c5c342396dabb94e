"""Firebase Cloud Messaging, with Google's endpoint of access tokens."""

import asyncio
import gzip

import orjson
import pytest

from adapters.breaker import FAILURES
from adapters.outcomes import Dead, Later, Outcome, Rejected, Sent
from adapters.push import FCM
from adapters.push.http import MAX_BYTES
from tests.support.fake_fcm import EMAIL, SCOPE, Answer, FakeFcm, failure
from tests.support.pushes import HUGE_OFFSET, LAST_SECOND, MESSAGE, SetClock, opened_push
from tests.support.timing import PASSING, no_hang

FOR_FCM = MESSAGE._replace(provider=FCM, token="token:of/hers")


async def test_a_notification_is_sent_as_google_describes_it(fcm: FakeFcm) -> None:
    clock = SetClock()
    async with opened_push(fcm.url, clock) as push:
        assert await push.send(FOR_FCM) == Sent()
    assert fcm.messages == [
        {
            "token": "token:of/hers",
            "notification": {"body": "Ben liked your post."},
            "data": {"link": "com.example.app://notifications/notification-1", "notificationId": "notification-1"},
            "android": {
                "collapse_key": "notification-1",
                "priority": "HIGH",
                "ttl": "86400s",
                "notification": {"tag": "notification-1", "notification_count": 3},
            },
            "apns": {
                "headers": {"apns-collapse-id": "notification-1"},
                "payload": {"aps": {"badge": 3, "sound": "default"}},
            },
        }
    ]
    seconds = int(clock.now.timestamp())
    assert fcm.assertions == [
        {
            "iss": EMAIL,
            "scope": SCOPE,
            "aud": f"http://{fcm.address}/token",
            "iat": seconds,
            "exp": seconds + 3600,
        }
    ]


async def test_an_access_token_is_used_until_shortly_before_its_end(fcm: FakeFcm) -> None:
    clock = SetClock()
    async with opened_push(fcm.url, clock) as push:
        await asyncio.gather(*(push.send(FOR_FCM) for _ in range(10)))
        for minutes, tokens in ((54, 1), (1, 2), (54, 2)):
            clock.advance(minutes=minutes)
            assert await push.send(FOR_FCM) == Sent()
            assert len(fcm.tokens) == tokens
        fcm.life = 60
        clock.advance(minutes=1)
        for seconds, tokens in ((0, 3), (29, 3), (1, 4)):
            clock.advance(seconds=seconds)
            assert await push.send(FOR_FCM) == Sent()
            assert len(fcm.tokens) == tokens


async def test_an_access_token_that_was_revoked_is_replaced(fcm: FakeFcm) -> None:
    async with opened_push(fcm.url) as push:
        await push.send(FOR_FCM)
        fcm.tokens.append("another")
        assert await push.send(FOR_FCM) == Later(5, "status 401")
        assert await push.send(FOR_FCM) == Sent()


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (Answer(400, {"error": "invalid_grant"}), "no access token, status 400"),
        (Answer(200, {"access_token": 7, "expires_in": 60}), "no access token, status 200"),
        (Answer(200, "a page"), "no access token, status 200"),
        (Answer(503, {}), "status 503"),
    ],
)
async def test_without_an_access_token_notifications_wait(fcm: FakeFcm, answer: Answer, cause: str) -> None:
    fcm.token_answers.append(answer)
    async with opened_push(fcm.url) as push:
        assert await push.send(FOR_FCM) == Later(5, cause)
        assert fcm.messages == []
        assert await push.send(FOR_FCM) == Sent()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (failure(404, "NOT_FOUND", "UNREGISTERED"), Dead()),
        (failure(404, "NOT_FOUND"), Later(5, "NOT_FOUND")),
        (failure(404, "UNREGISTERED"), Later(5, "UNREGISTERED")),
        (Answer(404, {"error": "not found"}), Later(5, "status 404")),
        (Answer(404, "a page of a proxy"), Later(5, "status 404")),
        (failure(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.token"), Dead()),
        (failure(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.data"), Rejected("INVALID_ARGUMENT")),
        (failure(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"), Rejected("SENDER_ID_MISMATCH")),
        (failure(403, "PERMISSION_DENIED"), Later(5, "PERMISSION_DENIED")),
        (Answer(403, "a page of a proxy"), Later(5, "status 403")),
        (Answer(400, {"error": {"status": 5}}), Rejected("status 400")),
        (Answer(400, {"error": {"status": "a text\n"}}), Rejected("UNKNOWN")),
        (Answer(400, {"error": {}}), Rejected("UNKNOWN")),
        (failure(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), Later(60, "status 429")),
        (Answer(429, {}, {"retry-after": "9"}), Later(9, "status 429")),
        (Answer(429, {}, {"retry-after": "999999999"}), Later(3600, "status 429")),
        (Answer(429, {}, {"retry-after": LAST_SECOND}), Later(3600, "status 429")),
        (Answer(429, {}, {"retry-after": HUGE_OFFSET}), Later(60, "status 429")),
        (failure(500, "INTERNAL", "INTERNAL"), Later(5, "status 500")),
        (Answer(503, {}, {"retry-after": "40"}), Later(40, "status 503")),
    ],
)
async def test_each_answer_has_an_outcome(fcm: FakeFcm, answer: Answer, outcome: Outcome) -> None:
    fcm.answers.append(answer)
    async with opened_push(fcm.url) as push:
        assert await push.send(FOR_FCM) == outcome
        assert await push.send(FOR_FCM) == Sent()


@pytest.mark.parametrize("answer", [failure(403, "PERMISSION_DENIED"), failure(404, "NOT_FOUND")])
async def test_wrong_settings_open_the_breaker(fcm: FakeFcm, answer: Answer) -> None:
    fcm.answers.extend([answer] * FAILURES)
    async with opened_push(fcm.url) as push:
        for _ in range(FAILURES):
            await push.send(FOR_FCM)
        assert await push.send(FOR_FCM) == Later(5, "the breaker is open")
    assert len(fcm.messages) == FAILURES


async def test_a_long_body_is_cut_so_that_the_message_fits(fcm: FakeFcm) -> None:
    async with opened_push(fcm.url) as push:
        assert await push.send(FOR_FCM._replace(body="ü" * 9000, title="An app")) == Sent()
        assert await push.send(FOR_FCM._replace(title="x" * 5000)) == Rejected("PAYLOAD_TOO_LARGE")
    (message,) = fcm.messages
    assert message["notification"]["body"].endswith("ü…")
    del message["token"]
    assert 4090 < len(orjson.dumps(message)) <= 4096


async def test_no_response_is_decompressed(fcm: FakeFcm) -> None:
    compressed = gzip.compress(orjson.dumps(failure(404, "NOT_FOUND", "UNREGISTERED").body))
    fcm.answers.append(Answer(404, compressed, {"content-encoding": "gzip"}))
    async with opened_push(fcm.url) as push:
        assert await push.send(FOR_FCM) == Later(5, "status 404")
    assert fcm.encodings == ["identity", "identity"]


@pytest.mark.parametrize("status", [200, 400, 404, 429])
async def test_a_response_is_read_up_to_its_maximum(fcm: FakeFcm, status: int) -> None:
    async with no_hang(), opened_push(fcm.url) as push:
        for answers in (fcm.token_answers, fcm.answers):
            answers.append(Answer(status, endless=True))
            assert await push.send(FOR_FCM) == Later(5, "the response is too long")
        fcm.answers.append(Answer(200, " " * MAX_BYTES))
        assert await push.send(FOR_FCM) == Sent()
        fcm.answers.append(Answer(200, " " * (MAX_BYTES + 1)))
        assert await push.send(FOR_FCM) == Later(5, "the response is too long")
        fcm.answers.append(Answer(503, headers={"retry-after": "40"}, endless=True))
        assert await push.send(FOR_FCM) == Later(40, "status 503")


async def test_a_server_that_hangs_is_unavailable_after_the_deadline(fcm: FakeFcm) -> None:
    async with no_hang(), opened_push(fcm.url, push_deadline=PASSING) as push:
        fcm.answers.append(Answer(200, {}, hangs=True))
        while fcm.answers:
            assert isinstance(await push.send(FOR_FCM), Later)
        while await push.send(FOR_FCM) != Sent():
            pass
