"""The HTTP client of Stripe's library: httpx2, with the bounds of the settings."""

import asyncio
from collections.abc import Awaitable, Mapping

import httpx2
import stripe


class Httpx2Client(stripe.HTTPClient):
    """Sends the requests of the library, asynchronously only."""

    name = "httpx2"

    def __init__(self, http: httpx2.AsyncClient) -> None:
        super().__init__()
        self._http = http

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            response = await self._http.request(method, url, headers=headers, content=post_data)
        except httpx2.HTTPError as error:
            raise stripe.APIConnectionError(type(error).__name__, should_retry=True) from error
        return response.content, response.status_code, response.headers

    def sleep_async(self, secs: float) -> Awaitable[None]:
        return asyncio.sleep(secs)

    async def close_async(self) -> None:
        await self._http.aclose()
