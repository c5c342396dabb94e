"""Serves data exports to their owners."""

import logging
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from core.errors import AppError, BadUserInput, NotFound, Unauthenticated, Unavailable
from core.global_ids import read_id_of
from core.viewer import Anonymous, SignedIn, signed_in
from gateway.callers.authentication import read_session
from gateway.errors.request_error import describe
from gateway.http.responses import json_response
from services.users.exports import ExportFile, ExportGone, open_export

logger = logging.getLogger(__name__)

_NOT_FOUND = "This export does not exist. Request another one."


class _Download(StreamingResponse):
    """Streams an export. If the rest cannot be read, the connection ends without the last chunk."""

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        except (ExportGone, Unavailable) as error:
            logger.warning("an export was not sent completely: %s", type(error).__name__)


async def fetch_export(request: Request) -> Response:
    """Returns the export to its owner. Caches must not store it."""
    try:
        file = await _open(request)
    except Unauthenticated as error:
        return _error(error, 401)
    except NotFound as error:
        return _error(error, 404)
    except Unavailable as error:
        return _error(error, 503, {"Retry-After": "1"})
    headers = {
        "Cache-Control": "no-store",
        "Content-Length": str(file.size),
        "Content-Disposition": f'attachment; filename="my-data-{file.day}.json"',
    }
    if request.method == "HEAD":
        return Response(None, 200, headers, "application/json")
    return _Download(file.content, 200, headers, "application/json")


async def _open(request: Request) -> ExportFile:
    resources = request.app.state.resources
    viewer = _viewer(request)
    try:
        export_id = read_id_of("DataExport", request.path_params["id"], "id")
    except BadUserInput:
        raise NotFound(_NOT_FOUND) from None
    file = await open_export(viewer, resources, export_id.id) if export_id.owner_id == viewer.user_id else None
    if file is None:
        raise NotFound(_NOT_FOUND)
    return file


def _viewer(request: Request) -> SignedIn:
    session = read_session(request.headers.get("authorization"), request.app.state.resources.access_tokens)
    if isinstance(session, Unauthenticated):
        raise session
    return signed_in(session.viewer if session else Anonymous())


def _error(error: AppError, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return json_response({"errors": [describe(error)]}, status, headers=headers)
