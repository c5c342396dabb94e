"""`/`, which people open in a browser first."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import Receive, Scope, Send


class FrontPage:
    """Leads browsers to GraphiQL; for all others there is nothing at this address."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.method not in ("GET", "HEAD") or "text/html" not in request.headers.get("accept", ""):
            raise HTTPException(404)
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        # Relative, since a proxy may have taken a prefix from the path.
        await RedirectResponse("graphql", 303, headers)(scope, receive, send)
