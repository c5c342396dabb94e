"""Finds the lines of schema elements in the text of the schema."""

from collections.abc import Iterator
from typing import Any

from schema_check.changes.walk import elements
from schema_check.schemas import LoadedSchema


class SourceLines:
    """Maps the coordinates of a schema to lines."""

    def __init__(self, loaded: LoadedSchema) -> None:
        self._lines = dict(_lines(loaded))

    def of(self, coordinate: str) -> int:
        """Returns the line of an element. A removed element has the line of its field or type, else 1."""
        for known in (coordinate, coordinate.split("(", maxsplit=1)[0], coordinate.split(".", maxsplit=1)[0]):
            if known in self._lines:
                return self._lines[known]
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
