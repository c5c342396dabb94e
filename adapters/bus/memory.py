"""`memory://`: a bus within one process."""

from collections.abc import Collection

from adapters.bus.base import Bus


class MemoryBus(Bus):
    """Wakes listeners of this process only."""

    @property
    def reaches_other_processes(self) -> bool:
        return False

    def _wake_elsewhere(self, topic: str, keys: Collection[str]) -> None:
        pass

    def _on_topics_changed(self) -> None:
        pass

    async def close(self) -> None:
        pass
