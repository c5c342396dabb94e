"""Serves the links of mails that turn off e-mails, at `/unsubscribe/<token>` (RFC 8058).

Mail providers and browsers send a POST without a session. The token names the account, so neither cookies nor origins
matter, and the checks against cross-site requests do not apply. Scanners of mails follow links, so a GET changes
nothing.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator

from starlette.datastructures import FormData
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from core.errors import Unavailable
from gateway.errors.request_error import RequestError, bad_request, reject
from gateway.http.headers import header
from gateway.http.responses import error_response
from gateway.routes.unsubscribe_page import invalid_page, offer_page, result_page
from services.notifications import UNSUBSCRIBE_PATH, find_unsubscription, unsubscribe

logger = logging.getLogger(__name__)

UNSUBSCRIBE_ROUTE = f"{UNSUBSCRIBE_PATH}{{token}}"
MAX_BODY_BYTES = 4 * 1024

_FIELD, _VALUE = "List-Unsubscribe", "One-Click"
_URL_ENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_READ_SECONDS = 5.0
_WRONG_BODY = f"Send a form with the field {_FIELD}={_VALUE}."


async def answer_unsubscription(request: Request) -> Response:
    """Answers a GET with a page that has a button. A POST turns off the e-mails.

    Returns 404 if the token is invalid, or the account was deleted.
    """
    try:
        return await (_receive if request.method == "POST" else _offer)(request)
    except RequestError as error:
        return error_response(error, reads_json=False)
    except Unavailable as error:
        return error_response(reject(error))


async def _offer(request: Request) -> Response:
    found = await find_unsubscription(request.app.state.resources, request.path_params["token"])
    return invalid_page(request) if found is None else offer_page(request, found.kind)


async def _receive(request: Request) -> Response:
    await _check_form(request)
    found = await unsubscribe(request.app.state.resources, request.path_params["token"])
    if found is None:
        return invalid_page(request)
    logger.info("e-mails of a user were turned off", extra={"owner_id": found.owner_id, "kind": found.kind})
    return result_page(request, found.kind)


async def _check_form(request: Request) -> None:
    """Raises `RequestError` if the body is not the form of a one-click unsubscription."""
    try:
        async with asyncio.timeout(_READ_SECONDS):
            form = await _read_form(request, await _read_body(request))
    except (TimeoutError, ClientDisconnect):
        raise bad_request(_WRONG_BODY) from None
    if form.getlist(_FIELD) != [_VALUE]:
        raise bad_request(_WRONG_BODY)


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise bad_request(f"The body is longer than {MAX_BODY_BYTES} bytes.", 413)
    return bytes(body)


async def _read_form(request: Request, body: bytes) -> FormData:
    """Returns the fields of a form in either of the encodings that RFC 8058 permits."""

    async def whole() -> AsyncGenerator[bytes]:
        yield body

    media_type = (header(request.scope, b"content-type") or "").partition(";")[0].strip().lower()
    try:
        if media_type == _URL_ENCODED:
            return await FormParser(request.headers, whole()).parse()
        if media_type == _MULTIPART:
            return await MultiPartParser(request.headers, whole(), max_files=0, max_fields=10).parse()
    except (MultiPartException, KeyError):
        raise bad_request(_WRONG_BODY) from None
    raise bad_request(_WRONG_BODY, 415)
