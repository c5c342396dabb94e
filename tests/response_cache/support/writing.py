"""Sends mutations, and notes in the history what they write and when they were acknowledged."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, NamedTuple

from tests.response_cache.support.connections import Connections, Lost
from tests.response_cache.support.operations import payload
from tests.response_cache.support.reading import Session
from tests.response_cache.support.registers import Register, Write
from tests.support.feed import field_of

_AGAIN_AFTER = 0.1

_REPEATABLE = frozenset({"AddPaymentMethod", "RemovePaymentMethod"})
"""Mutations without an idempotency key that change nothing if the same account repeats them at once."""


class Effect(NamedTuple):
    """A value that a mutation writes into a register."""

    register: Register
    value: int


class Written:
    """Counts mutations by name: acknowledged ones, refused ones, and those without a known outcome."""

    def __init__(self) -> None:
        self.acknowledged = Counter[str]()
        self.refused = Counter[str]()
        self.unknown = Counter[str]()
        self.begun = 0
        self.wrong: list[str] = []
        """Errors that no kill explains."""


class Mutations:
    """Sends the mutations of one writer, one at a time."""

    def __init__(self, connections: Connections, written: Written) -> None:
        self._connections = connections
        self._written = written
        self.was_refused = False
        """Whether the last mutation was refused, so that it had no effect."""

    async def send(
        self,
        name: str,
        sent: Mapping[str, Any] | None,
        session: Session | None,
        effects: Sequence[Effect],
        *,
        expected: str = "",
    ) -> dict[str, Any] | None:
        """Returns the success of a mutation; None if it was refused, or its outcome is not known.

        A mutation that may be repeated, as with an idempotency key, is repeated until there is a response. `expected`
        is the type of the result that has the effects, if it is not the success.
        """
        self._written.begun += 1
        began = perf_counter()
        writes = [(effect.register, effect.register.begin(effect.value, began)) for effect in effects]
        is_repeated = False
        may_repeat = name in _REPEATABLE or (sent is not None and "idempotencyKey" in sent)
        while True:
            result = await self._once(name, sent, session)
            if result is not None or not may_repeat:
                break
            is_repeated = True
            await asyncio.sleep(_AGAIN_AFTER)
        return self._note(name, result, writes, expected or f"{name}Success", is_repeated=is_repeated)

    def _note(
        self,
        name: str,
        result: dict[str, Any] | None,
        writes: list[tuple[Register, Write]],
        expected: str,
        *,
        is_repeated: bool,
    ) -> dict[str, Any] | None:
        """Notes the outcome. That of a pending payment is known as soon as a read has shown it."""
        now, field = perf_counter(), field_of(name)
        self.was_refused = False
        if result is not None and (result["__typename"] == expected or _is_pending(result)):
            self._written.acknowledged[field] += 1
            for _, write in [] if _is_pending(result) else writes:
                write.acknowledge(now)
            return result
        if result is None or is_repeated:
            self._written.unknown[field] += 1
            for _, write in writes:
                write.lose(now)
            return None
        self.was_refused = True
        self._written.refused[f"{field} {result['__typename']}"] += 1
        for register, write in writes:
            register.reject(write)
        return None

    async def _once(self, name: str, sent: Mapping[str, Any] | None, session: Session | None) -> dict[str, Any] | None:
        variables = {} if sent is None else {"input": sent}
        try:
            reply = await self._connections.post(payload(name, variables), session and session.token)
        except Lost:
            return None
        errors = reply.body.get("errors")
        if errors:
            code = errors[0].get("extensions", {}).get("code")
            if code not in ("UNAVAILABLE", "OVERLOADED", "TIMEOUT"):
                self._written.wrong.append(f"{name} {sent}: {errors[0]}")
            return None
        return reply.body["data"][field_of(name)]


def _is_pending(result: Mapping[str, Any]) -> bool:
    """Returns whether the payment or the refund in a result waits for the payment provider."""
    shown: list[dict[str, Any]] = [result[name] for name in ("payment", "refund") if result.get(name)]
    return any(payment["status"] == "PENDING" for payment in shown)
