"""Counts the cost of responses in parts."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from gateway.execution.results import FormattedResult
from gateway.execution.spending import Spending


class PartCosts:
    """Counts parts in the format of `format_parts`, and settles the cost with the last one."""

    def __init__(self, spending: Spending) -> None:
        self._spending = spending
        self._cost = spending.operation.cost
        self._variables = spending.operation.variables
        self._paths: dict[str, list[str | int]] = {}
        self._counted = 0.0

    async def settled(self, parts: AsyncGenerator[FormattedResult]) -> AsyncGenerator[FormattedResult]:
        """Yields the parts, with `extensions.cost` in the last one if it is requested."""
        async with aclosing(parts):
            async for part in parts:
                self._count(part)
                yield part if part["hasNext"] else {**part, **self._settle()}

    def _settle(self) -> FormattedResult:
        spending = self._spending
        return spending.settle_counted(self._cost.rounded(self._counted, spending.requested))

    def _count(self, part: FormattedResult) -> None:
        self._paths.update((pending["id"], pending["path"]) for pending in part.get("pending", ()))
        if "data" in part:
            self._add([], part)
        for result in part.get("incremental", ()):
            self._add([*self._paths[result["id"]], *result.get("subPath", ())], result)

    def _add(self, path: list[str | int], result: Mapping[str, Any]) -> None:
        self._counted += self._cost.count_part(path, result.get("data"), result.get("items") or (), self._variables)
