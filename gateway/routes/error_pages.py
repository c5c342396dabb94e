"""Serves the pages of `docs/errors`, to which errors link: the meaning of each code and what the app should do."""

import re
from collections.abc import Mapping
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.project import PROJECT
from gateway.errors.request_error import ERROR_PAGES

_FOLDER = PROJECT / "docs/errors"
_HEADERS = {"Cache-Control": "public, max-age=3600"}
_SCHEMA_LINK = "(../../schema.graphql)"
_DOCS_LINK = re.compile(r"\[([^]]+)\]\(\.\./([^)]+)\)")


class ErrorPages:
    """Holds the pages, read once, and their route. They link to each other by the names of their files."""

    def __init__(self, folder: Path = _FOLDER) -> None:
        self._pages: Mapping[str, bytes] = {page.stem: _served(page.read_text()) for page in folder.glob("*.md")}
        self.route = Route(f"{ERROR_PAGES}{{code}}", self._answer)

    async def _answer(self, request: Request) -> Response:
        page = self._pages.get(request.path_params["code"].removesuffix(".md"))
        if page is None:
            raise HTTPException(404)
        return PlainTextResponse(page, headers=_HEADERS)


def _served(text: str) -> bytes:
    """Returns a page with links that this server answers; other pages of the repository are named by their paths."""
    linked = text.replace(_SCHEMA_LINK, "(/schema.graphql)")
    return _DOCS_LINK.sub(r"\1 (`docs/\2` of the repository)", linked).encode()
