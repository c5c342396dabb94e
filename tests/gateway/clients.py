"""Programs of `web/clients`, run against a server of a test."""

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from typing import Any

from tests.support.node import CLIENTS, node_or_skip
from tests.support.timing import no_hang


class Program:
    """Reads the output of a program, line by line."""

    def __init__(self, process: Process) -> None:
        self.process = process

    async def line(self, name: str) -> Any:
        """Returns the value of the next line, which must have this name."""
        assert self.process.stdout is not None
        async with no_hang():
            said, value = json.loads(await self.process.stdout.readline() or '["the end", null]')
        assert said == name, value
        return value


async def run_client(*arguments: str) -> Program:
    node = node_or_skip()
    return Program(await asyncio.create_subprocess_exec(node, *arguments, cwd=CLIENTS, stdout=PIPE))
