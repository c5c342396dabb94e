"""The app of a user, which sends operations that shipped apps send to a server of either release."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graphql import parse, separate_operations
from graphql.language import print_ast
from httpx2 import AsyncClient

from tests.support.timing import no_hang

PASSWORD = "correct-horse-battery"

Found = Callable[[dict[str, Any]], object]


def shipped_operations(folder: Path) -> dict[str, str]:
    """Returns the operations of a release by name, each with its fragments."""
    return {
        name: print_ast(document)
        for file in sorted((folder / "schema-operations").glob("*.graphql"))
        for name, document in separate_operations(parse(file.read_text())).items()
        if name
    }


class App:
    """A signed-in app. Every response must have the status 200 and no errors."""

    def __init__(self, operations: dict[str, str], handle: str) -> None:
        self._operations = operations
        self.handle = handle
        self.id = ""
        self._token = ""

    async def signs_up(self, server: AsyncClient) -> None:
        given = {
            "handle": self.handle,
            "name": self.handle,
            "email": f"{self.handle}@example.com",
            "password": PASSWORD,
            "device": {"name": "Phone", "platform": "IOS", "appVersion": "4.2.0"},
        }
        signed_up = await self.does(server, "SignUp", **given)
        self.id, self._token = signed_up["user"]["id"], signed_up["session"]["accessToken"]

    async def reads(self, server: AsyncClient, name: str, /, **variables: Any) -> dict[str, Any]:
        """Returns the data of an operation."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        body = {"query": self._operations[name], "operationName": name, "variables": variables}
        response = await server.post("/graphql", json=body, headers=headers)
        assert response.status_code == 200, (name, response.status_code, response.text)
        answer = response.json()
        assert "errors" not in answer, (name, answer)
        return answer["data"]

    async def does(self, server: AsyncClient, name: str, /, **given: Any) -> dict[str, Any]:
        """Returns the result of a mutation that succeeds."""
        (result,) = (await self.reads(server, name, input=given)).values()
        assert result["__typename"] == f"{name}Success", result
        return result

    async def until(self, server: AsyncClient, found: Found, name: str, /, **variables: Any) -> None:
        """Reads until what has been found holds."""
        async with no_hang():
            while not found(await self.reads(server, name, **variables)):  # noqa: ASYNC110 - a server is watched
                await asyncio.sleep(0.05)
