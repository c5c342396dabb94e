"""The response stores under load, on every engine."""

import asyncio
import time

import pytest

from adapters.response_store import ResponseStore, StoreUnavailable
from adapters.response_store.base import LEASE_SECONDS
from tests.adapters.conftest import CONNECTED
from tests.support.response_store import LIFE, processes, url_of
from tests.support.timing import until


@pytest.fixture(params=["memory", *(engine for engine in CONNECTED if engine != "postgres")])
def url(request: pytest.FixtureRequest) -> str:
    return url_of(request.param, request)


async def test_ten_thousand_reads_at_once_are_answered(url: str) -> None:
    async with processes(url) as (here, there):
        await here.write("a", b"x" * 1_000, LIFE)
        number = 10_000
        while await outlast_lease(there, number):
            number //= 2
            assert number, "not even one read is answered"
            await until(lambda: there.is_available)


async def outlast_lease(store: ResponseStore, number: int) -> bool:
    """Reads at once. Returns True if the lease of the store ended meanwhile, because the machine is busy."""
    started, failures = time.monotonic(), store.failures
    reads = (store.read("a" if index % 2 else "b") for index in range(number))
    found = await asyncio.gather(*reads, return_exceptions=True)
    is_late = time.monotonic() - started > LEASE_SECONDS / 4
    if is_late and any(isinstance(result, StoreUnavailable) for result in found):
        return True
    assert found == [b"x" * 1_000 if index % 2 else None for index in range(number)]
    assert store.failures == failures
    return False
