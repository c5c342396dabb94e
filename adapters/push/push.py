"""Selects the engine of a provider, and bounds its calls."""

from collections.abc import Sequence

from adapters.bounded import BoundedCalls
from adapters.checks import Checked, checked
from adapters.outcomes import Outcome, Rejected
from adapters.push.base import PushEngine, PushMessage

NO_ENGINE = Rejected("NO_ENGINE")
"""The outcome of a message whose provider has no engine."""


class Push:
    """Sends notifications by one engine for each provider. No engine raises an error."""

    def __init__(self, engines: Sequence[PushEngine], deadline: float, calls: int) -> None:
        self.engines = engines
        self._deadline = deadline
        self.calls = [BoundedCalls(engine.name, deadline, calls) for engine in engines]
        self._by_provider = {
            provider: (engine, bounded)
            for engine, bounded in zip(engines, self.calls, strict=True)
            for provider in engine.providers
        }

    @property
    def providers(self) -> list[str]:
        """The providers that have an engine, in alphabetical order."""
        return sorted(self._by_provider)

    async def send(self, message: PushMessage) -> Outcome:
        """Sends a notification within the bounds, and returns its outcome."""
        if message.provider not in self._by_provider:
            return NO_ENGINE
        engine, bounded = self._by_provider[message.provider]
        return await bounded.outcome(lambda: engine.send(message))

    async def check(self) -> list[Checked]:
        """Connects to all providers and authenticates, without sending a notification."""
        return [await checked(engine.name, engine.check, self._deadline) for engine in self.engines]

    async def close(self) -> None:
        """Closes all engines."""
        for engine in self.engines:
            await engine.close()
