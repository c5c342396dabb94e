import logging
from collections.abc import Callable

import pytest


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Callable[[], None]:
    """Checks that no message of a client causes a warning or a traceback in the log."""

    def check() -> None:
        assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
        assert [record.getMessage() for record in caplog.records if record.exc_info] == []

    return check
