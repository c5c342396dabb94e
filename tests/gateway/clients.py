"""Programs of `web/clients`, run against a server of a test."""

import asyncio
import json
import os
import shutil
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent.parent / "web/clients"


class Program:
    """What it prints, line by line."""

    def __init__(self, process: Process) -> None:
        self.process = process

    async def line(self, name: str) -> Any:
        """What the next line says, which has to be of this name."""
        assert self.process.stdout is not None
        async with asyncio.timeout(20):
            said, value = json.loads(await self.process.stdout.readline() or '["the end", null]')
        assert said == name, value
        return value


async def run_client(*arguments: str) -> Program:
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules").exists():
        reason = "the packages of web/clients are not installed; 'make clients' does, where Node is"
        assert not os.environ.get("TEST_REQUIRE_NODE"), reason
        pytest.skip(reason)
    return Program(await asyncio.create_subprocess_exec(node, *arguments, cwd=FOLDER, stdout=PIPE))
