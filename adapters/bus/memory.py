"""`memory://`: this process alone."""

from adapters.bus.base import Bus


class MemoryBus(Bus):
    """There is nobody elsewhere."""

    def _wake_elsewhere(self, topic: str) -> None:
        pass

    def _attend(self) -> None:
        pass

    async def close(self) -> None:
        pass
