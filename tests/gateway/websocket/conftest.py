import logging
from collections.abc import Callable

import pytest


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Callable[[], None]:
    """Nothing that a client sends is worth a warning, let alone a traceback."""

    def check() -> None:
        assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
        assert [record.getMessage() for record in caplog.records if record.exc_info] == []

    return check
