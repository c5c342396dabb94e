"""Middleware that an adopter adds is around the product's own layer."""

from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response

from core.settings import Settings
from gateway.app import create_app
from tests.support.server import serving_app


class AddsHeader(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers["x-added"] = "yes"
        return response


async def test_added_middleware_changes_responses_of_a_real_server(settings: Settings) -> None:
    app = create_app(settings)
    app.add_middleware(AddsHeader)
    async with serving_app(settings, app) as server:
        for _ in range(2):
            response = await server.http.post("/graphql", json={"query": "{ __typename }"})
            assert response.json()["data"] == {"__typename": "Query"}
            assert response.headers["x-added"] == "yes"
            assert response.headers["x-content-type-options"] == "nosniff"
