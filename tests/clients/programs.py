"""Runs programs of `web/clients`, which try features of a client and print the results."""

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tests.support.client import OPERATIONS
from tests.support.node import CLIENTS, node_or_skip
from tests.support.timing import no_hang

Wishes = Mapping[str, Callable[[], Awaitable[None]]]


async def run_program(name: str, given: Mapping[str, Any], wishes: Wishes) -> set[str]:
    """Runs a program, all of whose features have to work. Applies the changes to the server that it requests."""
    texts = [file.read_text() for file in sorted(OPERATIONS.glob("*.graphql"))]
    argument = json.dumps({**given, "documents": texts})
    process = await asyncio.create_subprocess_exec(node_or_skip(), name, argument, cwd=CLIENTS, stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    said: dict[str, str] = {}
    async with no_hang():
        async for line in process.stdout:
            told = json.loads(line)
            if wish := told.get("wish"):
                await wishes[wish]()
                process.stdin.write(b"done\n")
            else:
                said[told["feature"]] = told["detail"]
        assert await process.wait() == 0
    wrong = [f"{feature}: {detail}" for feature, detail in said.items() if detail != "ok"]
    assert not wrong, "\n".join(wrong)
    return set(said)
