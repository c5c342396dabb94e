"""Hashes and verifies passwords with Argon2id on a few threads, and checks new passwords."""

import asyncio
import os
import secrets
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core import text
from core.errors import Overloaded
from services.security.breached_passwords import BREACHED

MIN_LENGTH, MAX_LENGTH = 8, 128
"""Code points of a password in NFC. A longer password is wrong without being hashed."""
_MAX_SENT = 4 * MAX_LENGTH
"""The maximum of code points that are normalized: NFC combines up to four code points of a letter."""

_WAITING_PER_THREAD = 50
_NICENESS = 10
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

T = TypeVar("T")


class Passwords:
    """Hashes and verifies passwords on a few threads, with OWASP's parameters: 19 MiB, two passes, one lane."""

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, "argon2", _lower_priority)
        self.threads = threads
        self._free_places = threads * _WAITING_PER_THREAD
        self._dummy_hash = _HASHER.hash(secrets.token_urlsafe())
        """The hash that is verified when there is no account."""

    @property
    def waiting(self) -> int:
        """The number of calls that wait for a thread."""
        return max(0, self.threads * (_WAITING_PER_THREAD - 1) - self._free_places)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Returns whether the password is right. Without a hash (no account) it returns False after the same work."""
        normal = normalized(password)
        right = await self._run(_verify, password_hash or self._dummy_hash, normal[:MAX_LENGTH])
        return right and password_hash is not None and len(normal) <= MAX_LENGTH

    async def hash(self, password: str) -> str:
        return await self._run(hash_password, password)

    async def _run(self, work: Callable[..., T], *arguments: str) -> T:
        """Runs on a thread when one is free. Raises `Overloaded` when too many calls wait."""
        if self._free_places == 0:
            raise Overloaded("Too many sign-ins at the moment. Try again.")
        self._free_places -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._free_places += 1

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)


def _lower_priority() -> None:
    """Lowers the priority of the thread below the event loop's. Only Linux has priorities per thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def hash_password(password: str) -> str:
    """Hashes a password. It takes about 30 ms of CPU and must not run on the event loop."""
    return _HASHER.hash(_bytes(password))


def is_outdated(password_hash: str) -> bool:
    """Returns whether the hash was made with other parameters than the present ones."""
    return _HASHER.check_needs_rehash(password_hash)


def password_problem(password: str, known: Iterable[str]) -> str | None:
    """Returns a sentence about the problem of a new password, or None. `known` are public facts about its owner."""
    if not text.is_text(password) or not MIN_LENGTH <= len(normalized(password)) <= MAX_LENGTH:
        return f"Choose a password of {MIN_LENGTH} to {MAX_LENGTH} letters."
    folded = normalized(password).casefold()
    names = {part.casefold() for fact in known for part in (fact, fact.partition("@")[0])}
    if folded in BREACHED or folded in names or len(set(folded)) == 1:
        return "This password is easy to guess. Choose another one."
    return None


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def normalized(password: str) -> str:
    """Returns the password in NFC, because the same letters have several encodings.

    A password that is too long stays longer than `MAX_LENGTH`.
    """
    return unicodedata.normalize("NFC", password[: _MAX_SENT + 1])


def _bytes(password: str) -> bytes:
    return normalized(password).encode(errors="surrogatepass")
