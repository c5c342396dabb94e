"""The pages of `docs/errors`: what each code means, and what the app should do. Errors link to them."""

from collections.abc import Mapping
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.project import PROJECT
from gateway.errors import ERROR_PAGES

_FOLDER = PROJECT / "docs/errors"
_HEADERS = {"Cache-Control": "public, max-age=3600"}


class ErrorPages:
    """The pages, read once, and their route. They link to each other by the names of their files."""

    def __init__(self, folder: Path = _FOLDER) -> None:
        self._pages: Mapping[str, bytes] = {page.stem: page.read_bytes() for page in folder.glob("*.md")}
        self.route = Route(f"{ERROR_PAGES}{{code}}", self._answer)

    async def _answer(self, request: Request) -> Response:
        page = self._pages.get(request.path_params["code"].removesuffix(".md"))
        if page is None:
            raise HTTPException(404)
        return PlainTextResponse(page, headers=_HEADERS)
