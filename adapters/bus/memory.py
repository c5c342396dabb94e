"""`memory://`: a bus within one process."""

from adapters.bus.base import Bus


class MemoryBus(Bus):
    """Wakes listeners of this process only."""

    def _wake_elsewhere(self, topic: str) -> None:
        pass

    def _ensure_connected(self) -> None:
        pass

    async def close(self) -> None:
        pass
