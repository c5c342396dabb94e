"""On which line of its file something stands."""

from collections.abc import Iterator
from typing import Any

from schema_check.changes.walk import elements
from schema_check.schemas import LoadedSchema


class SourceLines:
    """The lines of a schema by coordinate. What is gone is where it was in: its field, its type, else the top."""

    def __init__(self, loaded: LoadedSchema) -> None:
        self._known = dict(_lines(loaded))

    def of(self, coordinate: str) -> int:
        for place in (coordinate, coordinate.split("(", maxsplit=1)[0], coordinate.split(".", maxsplit=1)[0]):
            if place in self._known:
                return self._known[place]
        return 1


def _lines(loaded: LoadedSchema) -> Iterator[tuple[str, int]]:
    owners: list[tuple[str, Any]] = [
        *elements(loaded.schema),
        *((f"@{directive.name}", directive) for directive in loaded.schema.directives),
    ]
    for coordinate, element in owners:
        node = element.ast_node
        if node and node.name.loc:
            yield coordinate, node.name.loc.start_token.line
