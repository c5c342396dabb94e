"""Finds the statements that select the columns of an operation."""

import sys
from collections.abc import Iterator
from typing import Any

from adapters.database import ColumnVariants


def all_variants() -> Iterator[ColumnVariants]:
    """Yields all statements of loaders and services that select columns."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("loaders.", "services.")):
            for value in list(vars(module).values()):
                yield from _variants_in(value)


def _variants_in(value: Any) -> Iterator[ColumnVariants]:
    if isinstance(value, ColumnVariants):
        yield value
    elif type(value) is dict:
        for item in value.values():
            yield from _variants_in(item)


def forget_variants() -> None:
    """Forgets the variants of earlier tests, which may be read in place of exact ones."""
    for variants in all_variants():
        variants.forget()
