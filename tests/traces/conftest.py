"""Fixtures of traces."""

from collections.abc import AsyncGenerator

import pytest

from core.settings import Settings
from tests.support.client import Client
from tests.traces.support.collector import Collector, collecting
from tests.traces.support.traced import traced


@pytest.fixture
async def collector() -> AsyncGenerator[Collector]:
    async with collecting() as made:
        yield made


@pytest.fixture
async def client(settings: Settings, collector: Collector) -> AsyncGenerator[Client]:
    """The product, whose requests are all traced."""
    async with traced(settings, collector) as made:
        yield made
