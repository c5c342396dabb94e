"""Fixtures of the engine's tests, and the option for the number of examples of the differential tests."""

from collections.abc import Generator
from typing import Any

import pytest

from tests.engine.support.comparison import Harness


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--examples", type=int, default=2000, help="examples of the differential tests (2000)")


@pytest.fixture(scope="session")
def examples(request: pytest.FixtureRequest) -> int:
    # The option is known only when this directory is named to pytest.
    count: Any = request.config.getoption("--examples", 2000)
    return int(count)


@pytest.fixture
def harness() -> Generator[Harness]:
    harness = Harness()
    yield harness
    harness.close()
