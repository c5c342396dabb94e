"""Fixtures: a database without partitions, on PostgreSQL only."""

import pytest

from tests.support.engines import Engine


@pytest.fixture(autouse=True)
def _only_postgres(engine: Engine) -> None:
    if engine.name == "sqlite":
        pytest.skip("SQLite does not partition tables")
