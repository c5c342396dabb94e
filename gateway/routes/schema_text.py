"""Serves the text of the schema, for code generators."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from core.errors import AppError
from core.viewer import Anonymous
from gateway.callers.authentication import read_session
from gateway.callers.schema_access import SchemaAccess
from gateway.errors.request_error import reject
from gateway.http.headers import header
from gateway.http.responses import error_response
from services.resources import Resources
from services.security.access_tokens import TokenSession

_REFUSED = {"UNAUTHENTICATED": 401}


class SchemaText:
    """The text of one schema, and the callers that may read it."""

    def __init__(self, sdl: str, access: SchemaAccess) -> None:
        self._sdl = sdl
        self._access = access

    async def answer(self, request: Request) -> Response:
        if not self._access.anonymous:
            resources: Resources = request.app.state.resources
            session = read_session(header(request.scope, b"authorization"), resources.access_tokens)
            try:
                self._access.check(session.viewer if isinstance(session, TokenSession) else session or Anonymous())
            except AppError as error:
                return error_response(reject(error, _REFUSED.get(error.code, 403)))
            return PlainTextResponse(self._sdl, headers={"Cache-Control": "private, no-store"})
        return PlainTextResponse(self._sdl)
