"""Holds back the results of statements, so that other statements overtake them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.support.timing import no_hang


class HeldRead:
    """Replaces a function that reads. While `hold` is set, the result of its next call is returned on `release`."""

    def __init__(self, read: Callable[..., Awaitable[Any]]) -> None:
        self._read = read
        self._is_held = asyncio.Event()
        self._released = asyncio.Event()
        self.hold = False

    async def __call__(self, *arguments: Any) -> Any:
        found = await self._read(*arguments)
        if self.hold:
            self.hold = False
            self._is_held.set()
            await self._released.wait()
        return found

    async def held(self) -> None:
        """Waits until a result is held back."""
        async with no_hang():
            await self._is_held.wait()

    def release(self) -> None:
        self._released.set()


def held_read(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> HeldRead:
    """Replaces the function of this name in a module until the end of the test."""
    held = HeldRead(getattr(module, name))
    monkeypatch.setattr(module, name, held)
    return held
