"""`fcm://…`: Firebase Cloud Messaging, by its HTTP v1 API.

https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages
"""

import re
from typing import Any, NamedTuple

import httpx2
import msgspec
import orjson

from adapters.outcomes import CredentialsRejected, Dead, Later, Outcome, Rejected, Sent, ServerUnavailable
from adapters.push.apns import collapse_id
from adapters.push.base import FCM, LIFETIME_SECONDS, PushEngine, PushMessage
from adapters.push.google_tokens import GoogleTokens
from adapters.push.http import Response, post, retry_after
from adapters.push.payloads import fitted
from core.clock import Clock

_CODE = re.compile(r"[A-Z_]{1,64}")
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY = 200, 401, 403, 404, 429
_UNREGISTERED, _OTHER_SENDER = "UNREGISTERED", "SENDER_ID_MISMATCH"
"""Codes of errors that are about one token. Other answers with their status are about the settings."""

_PAUSE_SECONDS = 60.0
"""Seconds until another attempt after a status 429 without `Retry-After`, as Google's documentation asks for."""


class FcmPush(PushEngine):
    """Sends notifications to Android phones and to other apps with Firebase."""

    name = "fcm"
    providers = (FCM,)

    def __init__(self, http: httpx2.AsyncClient, tokens: GoogleTokens, project_id: str, clock: Clock) -> None:
        self._http = http
        self._tokens = tokens
        self._path = f"/v1/projects/{project_id}/messages:send"
        self._clock = clock

    async def send(self, message: PushMessage) -> Outcome:
        payload = fitted(lambda body: orjson.dumps(_payload(message, body)), message.body)
        if payload is None:
            return Rejected("PAYLOAD_TOO_LARGE")
        content = b'{"message":{"token":%b,%b}' % (orjson.dumps(message.token), payload[1:])
        access_token = await self._tokens.current()
        headers = {"authorization": f"Bearer {access_token}", "content-type": "application/json"}
        response = await post(self._http, self._path, headers, content, self._clock())
        if response.status == _UNAUTHORIZED:
            self._tokens.revoked(access_token)
            raise ServerUnavailable("status 401")
        return self._outcome(response)

    async def check(self) -> None:
        """Gets an access token, which Google issues for a valid service account only."""
        await self._tokens.current()

    async def close(self) -> None:
        await self._http.aclose()

    def _outcome(self, response: Response) -> Outcome:
        status = response.status
        if status == _OK:
            return Sent()
        if status == _TOO_MANY:
            seconds = retry_after(response, self._clock())
            return Later(_PAUSE_SECONDS if seconds is None else seconds, "status 429")
        error = _read_error(response)
        if error is not None and error.token_is_dead:
            return Dead()
        code = f"status {status}" if error is None else error.code
        if status in (_FORBIDDEN, _NOT_FOUND) and code != _OTHER_SENDER:
            raise CredentialsRejected(code)  # a role that is missing, an unknown project, or a proxy
        return Rejected(code)


def _payload(message: PushMessage, body: str) -> dict[str, Any]:
    """Returns the message without its token, which does not count for the maximum length."""
    key = collapse_id(message.collapse_key)
    shown = {"body": body} if message.title is None else {"title": message.title, "body": body}
    return {
        "notification": shown,
        "data": {"link": message.link, "notificationId": message.notification_id},
        "android": {
            "collapse_key": key,
            "priority": "HIGH",
            "ttl": f"{LIFETIME_SECONDS}s",
            "notification": {"tag": key, "notification_count": message.badge},
        },
        "apns": {
            "headers": {"apns-collapse-id": key},
            "payload": {"aps": {"badge": message.badge, "sound": "default"}},
        },
    }


class _Error(NamedTuple):
    """The code of an error, and whether it says that the token of the phone is not valid."""

    code: str
    token_is_dead: bool


class _Violation(msgspec.Struct):
    field: str = ""


class _Detail(msgspec.Struct, rename="camel"):
    error_code: str = ""
    field_violations: list[_Violation] = []


class _Status(msgspec.Struct):
    status: str = ""
    details: list[_Detail] = []


class _Answer(msgspec.Struct):
    error: _Status


def _read_error(response: Response) -> _Error | None:
    """Returns the error of an answer. None if it is not one of Firebase, but a page of a proxy."""
    try:
        error = msgspec.json.decode(response.content, type=_Answer).error
    except msgspec.MsgspecError:
        return None
    codes = [detail.error_code for detail in error.details if detail.error_code]
    fields = [violation.field for detail in error.details for violation in detail.field_violations]
    code = next(iter(codes), error.status)
    is_dead = _UNREGISTERED in codes or "message.token" in fields
    return _Error(code if _CODE.fullmatch(code) else "UNKNOWN", is_dead)
