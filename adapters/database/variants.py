"""Variants of one statement, which select different columns."""

from collections.abc import Callable

from adapters.database.dialect import DialectSQL, TaggedSQL, TagReader
from core.columns import ColumnNames, RowColumns

MAX_VARIANTS = 8
"""Maximum variants of a statement, in addition to the one with all columns. A connection prepares 100 statements."""
LONG_UNUSED = 1000
"""The uses of a statement after which a variant that none of them took gives its place to another."""

SQL = str | DialectSQL


class _Variant:
    """A text that selects `columns`, and the number of the statement's use that was its last one."""

    __slots__ = ("columns", "last_use", "sql")

    def __init__(self, columns: ColumnNames, sql: SQL) -> None:
        self.columns = columns
        self.sql = sql
        self.last_use = 0


class ColumnVariants:
    """A statement with one text per set of selected columns, of which there are at most `MAX_VARIANTS`, and all.

    `build` returns the text that selects the columns of a list after SELECT, whose names it also receives. With `tags`,
    each text is a `TaggedSQL`. A set for which there is no place is read by the smallest variant that contains it. So
    unusual operations neither multiply the prepared statements nor displace the variants of usual ones.
    """

    def __init__(
        self, columns: RowColumns, build: Callable[[str, ColumnNames], SQL], tags: TagReader | None = None
    ) -> None:
        self._columns = columns
        self._build = build
        self._tags = tags
        self._all = _Variant(columns.names, self._text(columns.names))
        self._variants: dict[ColumnNames, _Variant] = {}
        self._uses = 0

    def of(self, selected: ColumnNames | None) -> SQL:
        """Returns the text for the columns of a selection. None: all columns."""
        if selected is None:
            return self._all.sql
        self._uses += 1
        chosen = self._columns.chosen(selected)
        variant = self._variants.get(chosen)
        if variant is None:
            variant = self._add(chosen)
        variant.last_use = self._uses
        return variant.sql

    @property
    def texts(self) -> list[SQL]:
        """The texts of all current variants."""
        return [variant.sql for variant in (self._all, *self._variants.values())]

    def forget(self) -> None:
        """Forgets all variants but that with all columns."""
        self._variants.clear()

    def _add(self, chosen: ColumnNames) -> _Variant:
        """Returns a new variant, or the smallest one that contains the columns if there is no place."""
        if chosen == self._columns.names:
            return self._all
        if len(self._variants) >= MAX_VARIANTS:
            oldest = min(self._variants.values(), key=lambda variant: variant.last_use)
            if self._uses - oldest.last_use <= LONG_UNUSED:
                containing = [variant for variant in self._variants.values() if variant.columns >= chosen]
                return min(containing, key=lambda variant: len(variant.columns), default=self._all)
            del self._variants[oldest.columns]
        added = self._variants[chosen] = _Variant(chosen, self._text(chosen))
        return added

    def _text(self, columns: ColumnNames) -> SQL:
        sql = self._build(self._columns.sql(columns), columns)
        return sql if self._tags is None else TaggedSQL.of(sql, self._tags)
