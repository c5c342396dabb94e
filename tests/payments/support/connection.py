"""Sends requests of one person, and repeats them until there is a final response."""

import asyncio
from random import Random
from typing import Any

from httpx2 import AsyncClient, TransportError

from tests.payments.support.book import Book
from tests.payments.support.documents import body_of, field_of
from tests.support.timing import no_hang

NO_RESPONSE = "no response"
_AGAIN_AFTER = 0.2
RETRYABLE_ERRORS = {NO_RESPONSE, "UNAVAILABLE", "OVERLOADED", "TIMEOUT"}
_RETRYABLE_PROBLEMS = {"UNAVAILABLE", "IDEMPOTENCY_IN_PROGRESS"}

Result = dict[str, Any]


class Connection:
    """Sends each request to one of the servers."""

    def __init__(self, servers: list[AsyncClient], token: str, chance: Random, book: Book) -> None:
        self._servers = servers
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._chance = chance
        self._book = book

    async def post(self, name: str, sent: dict[str, object] | None = None) -> dict[str, Any] | str:
        """Returns the data of a response, or the code of its first error."""
        http = self._chance.choice(self._servers)
        try:
            response = await http.post("/graphql", json=body_of(name, sent), headers=self._headers)
            body: dict[str, Any] = response.json()
        except (TransportError, ValueError):
            return NO_RESPONSE
        errors = body.get("errors")
        if not errors:
            return body["data"]
        code: str = errors[0].get("extensions", {}).get("code", "none")
        if code not in RETRYABLE_ERRORS:
            self._book.wrong.append(f"{name} {sent}: {errors[0]}")
        return code

    async def until_read(self, name: str) -> dict[str, Any]:
        """Returns the data of a query as soon as there is some."""
        async with no_hang():
            while True:
                data = await self.post(name)
                if not isinstance(data, str):
                    return data
                await asyncio.sleep(_AGAIN_AFTER)

    async def until_final(self, name: str, sent: dict[str, object]) -> Result:
        """Returns the result of a mutation, or the code of an error, that is no reason to repeat it."""
        while True:
            data = await self.post(name, sent)
            if isinstance(data, str):
                if data not in RETRYABLE_ERRORS:
                    return {"code": data}
                self._book.repeated[data] += 1
            else:
                result: Result = data[field_of(name)]
                if result.get("code") not in _RETRYABLE_PROBLEMS:
                    return result
                self._book.repeated[result["code"]] += 1
            await asyncio.sleep(_AGAIN_AFTER * (1 + self._chance.random()))
