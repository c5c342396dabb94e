"""Handles requests to `/`."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import Receive, Scope, Send


class FrontPage:
    """Redirects browsers to GraphiQL. Responds to other clients with 404."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.method not in ("GET", "HEAD") or "text/html" not in request.headers.get("accept", ""):
            raise HTTPException(404)
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        # Relative, because a proxy may have removed a prefix of the path.
        await RedirectResponse("graphql", 303, headers)(scope, receive, send)
