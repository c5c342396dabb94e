"""Argon2id, off the event loop and bounded."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import Overloaded

LONGEST = 128
"""Code points of a password; a longer one is wrong without being hashed."""

_WAITING_PER_THREAD = 50
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Passwords:
    """Hashes and checks passwords on a few threads. OWASP's parameters: 19 MiB, two passes, one lane."""

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._room = threads * _WAITING_PER_THREAD
        self._nobody = _HASHER.hash(secrets.token_urlsafe())
        """What the password of somebody unknown is compared with."""

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right. Without a hash (nobody has it) the answer is no, after the same work."""
        if self._room == 0:
            raise Overloaded("Too many people are signing in at this moment. Try again.")
        self._room -= 1
        try:
            right = await asyncio.get_running_loop().run_in_executor(
                self._threads, _verify, password_hash or self._nobody, password[:LONGEST]
            )
        finally:
            self._room += 1
        return right and password_hash is not None and len(password) <= LONGEST

    def hash(self, password: str) -> str:
        """Takes about 30 ms of CPU: for commands, not for the event loop."""
        return _HASHER.hash(password)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password.encode(errors="surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
