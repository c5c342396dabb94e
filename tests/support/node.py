"""Runs programs of `web/clients` on Node, if both are installed."""

import os
import shutil
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parent.parent.parent / "web/clients"


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
