"""Finds Node, which runs programs of `web/clients` and checks scripts."""

import os
import shutil
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parent.parent.parent / "web/clients"


def node_alone_or_skip() -> str:
    """Returns the path of Node, for scripts without packages. Without it, the test is skipped, or fails if required."""
    found = shutil.which("node")
    if found is None:
        reason = "Node is not installed"
        assert not os.environ.get("TEST_REQUIRE_NODE"), reason
        pytest.skip(reason)
    return found


def node_or_skip(folder: Path = CLIENTS) -> str:
    """Returns the path of Node. Without it or the packages, the test is skipped, or fails if Node is required."""
    found = shutil.which("node")
    if found is None or not (folder / "node_modules").exists():
        reason = (
            f"the packages of {folder.parent.name}/{folder.name} are not installed; 'make clients' does, where Node is"
        )
        assert not os.environ.get("TEST_REQUIRE_NODE"), reason
        pytest.skip(reason)
    return found
