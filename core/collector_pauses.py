"""Measures the pauses of the garbage collector."""

import gc
from collections.abc import Generator
from contextlib import contextmanager
from time import perf_counter

GENERATIONS = 3


class CollectorPauses:
    """Adds up the collections of each generation, and their seconds, within the block of `measured`."""

    def __init__(self) -> None:
        self.collections = [0] * GENERATIONS
        self.seconds = [0.0] * GENERATIONS
        self._started = 0.0

    @contextmanager
    def measured(self) -> Generator[None]:
        """Measures collections of all threads until the block ends. They hold the interpreter, so no two overlap."""
        gc.callbacks.append(self._on_collection)
        try:
            yield
        finally:
            gc.callbacks.remove(self._on_collection)

    def _on_collection(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._started = perf_counter()
        elif self._started:
            self.collections[info["generation"]] += 1
            self.seconds[info["generation"]] += perf_counter() - self._started
