"""The columns of rows in SQL. A statement selects those that an operation reads."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

ColumnNames = frozenset[str]
"""Names of columns. Those of a nested row have its name as a prefix: `author__handle`."""

MAX_SELECTIONS = 256
"""Maximum sets of names of which the chosen columns are remembered, for each row type."""

_NESTED = "__"
_ID = "id"


class RowColumns:
    """The columns of a row by name, each with its SQL expression.

    `always` are selected whatever an operation reads: the key of the row, and what policies, cursors and cache tags
    need. So is the id of each nested row of which a column is selected, because it tells whether there is one.
    """

    def __init__(self, expressions: Mapping[str, str], always: Iterable[str]) -> None:
        self.expressions = dict(expressions)
        self.always = frozenset(always)
        self.names: ColumnNames = frozenset(self.expressions)
        self._cached = lru_cache(maxsize=MAX_SELECTIONS)(self._choose)

    def extended(self, expressions: Mapping[str, str], always: Iterable[str] = ()) -> "RowColumns":
        """Returns these columns and others, for a statement that has more of them."""
        return RowColumns({**self.expressions, **expressions}, self.always.union(always))

    def chosen(self, names: ColumnNames | None) -> ColumnNames:
        """Returns the columns that a statement has to select so that `names` can be read; None: all.

        The name of a nested row stands for all of its columns. Names of other columns are ignored.
        """
        return self.names if names is None else self._cached(names)

    def _choose(self, names: ColumnNames) -> ColumnNames:
        chosen = {name for name in self.names if name in names or _outer(name) in names} | self.always
        return frozenset(chosen | {f"{_outer(name)}{_NESTED}{_ID}" for name in chosen if _outer(name)})

    def sql(self, names: ColumnNames | None = None) -> str:
        """Returns the list after SELECT for these columns of it; None: for all."""
        return ", ".join(
            expression if expression.endswith(f".{name}") else f"{expression} AS {name}"
            for name, expression in self.expressions.items()
            if names is None or name in names
        )


def _outer(name: str) -> str:
    """Returns the name of the nested row that contains a column, or an empty text."""
    outer, nested, _ = name.partition(_NESTED)
    return outer if nested else ""
