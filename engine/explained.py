"""What is known of a plan without running it, and how that is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

_WIDEST = 64
"""Of what the columns behind stand in line with; longer labels push them to the right."""


@dataclass(frozen=True)
class Asked:
    """A loader that a field asks; with `inlined` only where sources have no such value."""

    loader: str
    inlined: str | None


@dataclass(frozen=True)
class Explained:
    """A field; or, without a type, what is selected of some types.

    `rounds` is how often execution waits before it gets to the field, `settled` before it has the field's values.
    """

    label: str
    type: str = ""
    how: str = ""
    children: tuple["Explained", ...] = ()
    rounds: int = 0
    settled: int = 0
    asked: Asked | None = None

    def fields(self) -> list["Explained"]:
        """This field and those below it, in document order."""
        below = chain.from_iterable(child.fields() for child in self.children)
        return [self, *below] if self.type else [*below]

    def levels(self) -> int:
        """How many levels of fields there are, this one included."""
        return bool(self.type) + max((child.levels() for child in self.children), default=0)


def write(roots: Sequence[Explained]) -> str:
    """A tree of fields in three columns (what is asked, its type, how it is answered), and the sum of it."""
    rows = [row for root in roots for row in _rows(root, "", "")]
    labels = max((len(label) for label, _, _ in rows if len(label) <= _WIDEST), default=0)
    types = max((len(type_) for _, type_, _ in rows), default=0)
    tree = "".join(f"{label:{labels}}  {type_:{types}}  {how}".rstrip() + "\n" for label, type_, how in rows)
    return f"{tree}\n{_sum(roots)}"


def _rows(explained: Explained, first: str, others: str) -> list[tuple[str, str, str]]:
    """The rows of a field and of what is below it: `first` stands before its own, `others` before the others."""
    rows = [(first + explained.label, explained.type, explained.how)]
    *upper, last = explained.children or (None,)
    for child in upper:
        assert child is not None  # noqa: S101 - only the last may be missing
        rows += _rows(child, f"{others}├─ ", f"{others}│  ")
    return rows + _rows(last, f"{others}└─ ", f"{others}   ") if last else rows


def _sum(roots: Sequence[Explained]) -> str:
    fields = [field for root in roots for field in root.fields()]
    batches = _batches(fields)
    loaders = dict.fromkeys(loader for rounds in sorted(batches) for loader in batches[rounds])
    every = [columns for round_ in batches.values() for columns in round_.values()]
    sure = sum(None in columns for columns in every)
    lines = [
        f"levels   {max((root.levels() for root in roots), default=0)}",
        f"fields   {len(fields)}",
        f"loaders  {', '.join(loaders) or 'none'}",
        f"batches  {sure}" if sure == len(every) else f"batches  {sure} to {len(every)}",
    ]
    for rounds in sorted(batches):
        after = "at once" if rounds == 0 else f"after {rounds} wait{'s' if rounds > 1 else ''}"
        asked = [_asked(loader, columns) for loader, columns in batches[rounds].items()]
        lines += [f"  {after if number == 0 else '':13}  {each}" for number, each in enumerate(asked)]
    return "".join(f"{line}\n" for line in lines)


def _batches(fields: Sequence[Explained]) -> dict[int, dict[str, set[str | None]]]:
    """By round, the loaders that are asked and what has to be missing for it; None where it is asked in any case."""
    batches: dict[int, dict[str, set[str | None]]] = {}
    for field in fields:
        if field.asked is not None:
            batches.setdefault(field.rounds, {}).setdefault(field.asked.loader, set()).add(field.asked.inlined)
    return batches


def _asked(loader: str, columns: set[str | None]) -> str:
    missing = [column for column in columns if column is not None]
    return loader if None in columns else f"{loader}, where there is no {' or '.join(sorted(missing))}"
