"""`apns://…`: Apple's push service, over HTTP/2 with tokens.

https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns
"""

import hashlib
import re
from typing import Any

import httpx2
import orjson

from adapters.outcomes import CredentialsRejected, Dead, Later, Outcome, Rejected, Sent, ServerUnavailable
from adapters.push.apns_tokens import ApnsTokens
from adapters.push.base import APNS, LIFETIME_SECONDS, PushEngine, PushMessage
from adapters.push.http import Response, post, read_object, retry_after
from adapters.push.payloads import fitted
from core.clock import Clock

MAX_COLLAPSE_BYTES = 64
"""Maximum bytes of `apns-collapse-id`."""

_TOKEN = re.compile(r"[0-9A-Fa-f]{2,400}")
_REASON = re.compile(r"[A-Za-z]{1,64}")
_OK, _FORBIDDEN, _GONE, _TOO_MANY = 200, 403, 410, 429
_DEAD = ("BadDeviceToken", "Unregistered", "ExpiredToken")
_WRONG_TOPIC = ("BadTopic", "MissingTopic", "TopicDisallowed")
"""Reasons that name the topic of the settings. Their status is 400."""

_EXPIRED = "ExpiredProviderToken"
_PAUSES = {"TooManyProviderTokenUpdates": 1200.0, "TooManyRequests": 60.0}
"""Seconds until another attempt, by the reason of a status 429 without `Retry-After`."""

_PAUSE_SECONDS = 60.0
_SOON_SECONDS = 1.0


class ApnsPush(PushEngine):
    """Sends notifications to iPhones. All requests share one connection."""

    name = "apns"
    providers = (APNS,)

    def __init__(self, http: httpx2.AsyncClient, tokens: ApnsTokens, topic: str, clock: Clock) -> None:
        self._http = http
        self._tokens = tokens
        self._topic = topic
        self._clock = clock

    async def send(self, message: PushMessage) -> Outcome:
        if not _TOKEN.fullmatch(message.token):
            return Dead()
        payload = fitted(lambda body: orjson.dumps(_payload(message, body)), message.body)
        if payload is None:
            return Rejected("PayloadTooLarge")
        token, now = self._tokens.current(), self._clock()
        headers = {
            "authorization": f"bearer {token}",
            "apns-topic": self._topic,
            "apns-push-type": "alert",
            "apns-priority": "10",
            "apns-expiration": str(int(now.timestamp()) + LIFETIME_SECONDS),
            "apns-collapse-id": collapse_id(message.collapse_key),
            "content-type": "application/json",
        }
        response = await post(self._http, f"/3/device/{message.token}", headers, payload, now)
        return self._outcome(response, token)

    async def check(self) -> None:
        """Sends a request without a device token. APNs checks the key and rejects the request."""
        headers = {"authorization": f"bearer {self._tokens.current()}", "apns-topic": self._topic}
        response = await post(self._http, "/3/device/", headers, b"{}", self._clock())
        _raise_if_settings_are_wrong(response.status, _reason(response))

    async def close(self) -> None:
        await self._http.aclose()

    def _outcome(self, response: Response, token: str) -> Outcome:
        status, reason = response.status, _reason(response)
        if status == _OK:
            return Sent()
        if status == _GONE or reason in _DEAD:
            return Dead()
        if status == _TOO_MANY:
            seconds = retry_after(response, self._clock())
            return Later(_PAUSES.get(reason, _PAUSE_SECONDS) if seconds is None else seconds, reason)
        if reason == _EXPIRED:
            self._tokens.expired(token)
            raise ServerUnavailable(reason, _SOON_SECONDS)
        _raise_if_settings_are_wrong(status, reason)
        return Rejected(reason)


def _raise_if_settings_are_wrong(status: int, reason: str) -> None:
    """Raises `CredentialsRejected` for an answer about the key or the topic, which every notification would get."""
    if status == _FORBIDDEN or reason in _WRONG_TOPIC:
        raise CredentialsRejected(reason)


def collapse_id(key: str) -> str:
    """Returns a key that APNs accepts: the key, or its SHA-256 in hexadecimal digits if it is too long."""
    encoded = key.encode()
    return key if len(encoded) <= MAX_COLLAPSE_BYTES and key.isascii() else hashlib.sha256(encoded).hexdigest()


def _payload(message: PushMessage, body: str) -> dict[str, Any]:
    alert = {"body": body} if message.title is None else {"title": message.title, "body": body}
    return {
        "aps": {"alert": alert, "badge": message.badge, "sound": "default"},
        "link": message.link,
        "notificationId": message.notification_id,
    }


def _reason(response: Response) -> str:
    """Returns the reason of an answer, or its status if it has none."""
    reason = read_object(response).get("reason")
    return reason if isinstance(reason, str) and _REASON.fullmatch(reason) else f"status {response.status}"
