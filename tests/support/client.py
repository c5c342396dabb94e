"""Contains a client of the GraphQL endpoint."""

from pathlib import Path
from typing import Any

from graphql import parse, separate_operations
from graphql.language import print_ast
from httpx2 import AsyncClient, Response

from core.viewer import SignedIn
from services.resources import Resources
from services.users import find_user_id

OPERATIONS = Path(__file__).parent.parent.parent / "schema-operations"
HOME = (OPERATIONS / "home.graphql").read_text()


def operation(file: str, name: str) -> str:
    """Returns an operation of `schema-operations/` with the fragments that it uses."""
    return print_ast(separate_operations(parse((OPERATIONS / file).read_text()))[name])


LOG_IN = operation("account.graphql", "LogIn")


class Client:
    """Sends requests to the product, signed in or anonymously."""

    def __init__(self, http: AsyncClient, resources: Resources) -> None:
        self.http = http
        self.resources = resources

    async def user_id(self, handle: str) -> int:
        found = await find_user_id(self.resources.database, handle)
        assert found is not None
        return found

    async def token(self, handle: str) -> str:
        token, _ = self.resources.access_tokens.issue(SignedIn(await self.user_id(handle), 1))
        return token

    async def post(self, query: str, variables: Any = None, *, token: str | None = None, **headers: str) -> Response:
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)

    async def ask(self, query: str, variables: Any = None, *, as_: str | None = None) -> dict[str, Any]:
        """Returns the whole response, with errors."""
        token = await self.token(as_) if as_ else None
        return (await self.post(query, variables, token=token)).json()

    async def data(self, query: str, variables: Any = None, *, as_: str | None = None) -> dict[str, Any]:
        """Returns the data of a response. Errors fail the test."""
        answer = await self.ask(query, variables, as_=as_)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]
