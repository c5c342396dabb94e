"""Errors that the resolvers of a given schema raise for their clients."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError
from httpx2 import ASGITransport, AsyncClient
from strawberry.permission import BasePermission

from core.settings import Settings
from gateway.app import create_app


class Denied(BasePermission):
    message = "Only for members."

    def has_permission(self, *_given: Any, **_arguments: Any) -> bool:
        return False


class Coded(Denied):
    error_extensions = {"code": "NO_MEMBER"}  # noqa: RUF012 - as Strawberry declares it


@strawberry.type
class Query:
    @strawberry.field(permission_classes=[Denied])
    def denied(self) -> str | None:
        return "secret"

    @strawberry.field(permission_classes=[Coded])
    async def coded(self) -> str | None:
        return "secret"

    @strawberry.field
    def sold(self) -> str | None:
        raise GraphQLError("Sold out.", extensions={"code": "SOLD_OUT", "left": 0, "requestId": "x", "retryable": True})

    @strawberry.field
    def known(self) -> str | None:
        raise GraphQLError("Gone.", extensions={"code": "NOT_FOUND"})

    @strawberry.field
    def codeless(self) -> str | None:
        raise GraphQLError("password=hunter2", extensions={"left": 0})

    @strawberry.field
    def unwritable(self) -> str | None:
        raise GraphQLError("password=hunter2", extensions={"code": "SOLD_OUT", "item": object()})


@pytest.fixture
async def own(settings: Settings) -> AsyncGenerator[AsyncClient]:
    app = create_app(settings, schema=strawberry.Schema(Query))
    http = AsyncClient(transport=ASGITransport(app), base_url="http://bff")
    async with app.router.lifespan_context(app), http:
        yield http


@pytest.mark.parametrize(
    ("field", "message", "extensions"),
    [
        (
            "denied",
            "Only for members.",
            {"code": "FORBIDDEN", "retryable": False, "documentation": "/errors/FORBIDDEN"},
        ),
        ("coded", "Only for members.", {"code": "NO_MEMBER", "retryable": False}),
        ("sold", "Sold out.", {"code": "SOLD_OUT", "left": 0, "retryable": True}),
        ("known", "Gone.", {"code": "NOT_FOUND", "retryable": False, "documentation": "/errors/NOT_FOUND"}),
    ],
)
async def test_an_error_with_a_code_is_shown_as_it_was_raised(
    own: AsyncClient, field: str, message: str, extensions: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    response = await own.post("/graphql", json={"query": f"{{ {field} }}"}, headers={"X-Request-Id": "test-request-1"})
    assert response.json() == {
        "data": {field: None},
        "errors": [
            {
                "message": message,
                "locations": [{"line": 1, "column": 3}],
                "path": [field],
                "extensions": {**extensions, "requestId": "test-request-1"},
            }
        ],
    }
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("field", ["codeless", "unwritable"])
async def test_an_error_without_a_code_or_that_is_no_json_is_masked(own: AsyncClient, field: str) -> None:
    response = await own.post("/graphql", json={"query": f"{{ {field} }}"})
    assert (response.status_code, response.json()["data"]) == (200, {field: None})
    (error,) = response.json()["errors"]
    assert (error["extensions"]["code"], "hunter2" in response.text) == ("INTERNAL_SERVER_ERROR", False)
