"""The output of `explain`: a tree of fields, and a summary of levels, loaders and batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

_MAX_LABEL_WIDTH = 64
"""Maximum width of the column of labels. A longer label moves the other columns of its line to the right."""


@dataclass(frozen=True)
class LoaderCall:
    """The loader that a field calls. With `inlined`, it is called only for sources without a value under that key."""

    loader: str
    inlined: str | None


@dataclass(frozen=True)
class ExplainedField:
    """A field, or, with an empty `type`, the group of fields that is selected on some object types.

    `rounds` is the number of waits before the field is executed, `resolved` the number before its values are known.
    """

    label: str
    type: str = ""
    how: str = ""
    children: tuple["ExplainedField", ...] = ()
    rounds: int = 0
    resolved: int = 0
    loader_call: LoaderCall | None = None

    def fields(self) -> list["ExplainedField"]:
        """Returns this field and those below it, in document order."""
        below = chain.from_iterable(child.fields() for child in self.children)
        return [self, *below] if self.type else [*below]

    def levels(self) -> int:
        """Returns the number of levels of fields, this one included."""
        return bool(self.type) + max((child.levels() for child in self.children), default=0)


def write(roots: Sequence[ExplainedField]) -> str:
    """Returns a tree of fields in three columns (label, type, how it is resolved), followed by a summary."""
    rows = [row for root in roots for row in _rows(root, "", "")]
    labels = max((len(label) for label, _, _ in rows if len(label) <= _MAX_LABEL_WIDTH), default=0)
    types = max((len(type_) for _, type_, _ in rows), default=0)
    tree = "".join(f"{label:{labels}}  {type_:{types}}  {how}".rstrip() + "\n" for label, type_, how in rows)
    return f"{tree}\n{_summary(roots)}"


def _rows(explained: ExplainedField, first: str, others: str) -> list[tuple[str, str, str]]:
    """Returns the rows of a field and its descendants. `first` is the prefix of its own row, `others` of the rest."""
    rows = [(first + explained.label, explained.type, explained.how)]
    *upper, last = explained.children or (None,)
    for child in upper:
        assert child is not None  # noqa: S101 - only `last` may be None
        rows += _rows(child, f"{others}├─ ", f"{others}│  ")
    return rows + _rows(last, f"{others}└─ ", f"{others}   ") if last else rows


def _summary(roots: Sequence[ExplainedField]) -> str:
    fields = [field for root in roots for field in root.fields()]
    batches = _batches(fields)
    loaders = dict.fromkeys(loader for rounds in sorted(batches) for loader in batches[rounds])
    all_columns = [columns for round_ in batches.values() for columns in round_.values()]
    unconditional = sum(None in columns for columns in all_columns)
    lines = [
        f"levels   {max((root.levels() for root in roots), default=0)}",
        f"fields   {len(fields)}",
        f"loaders  {', '.join(loaders) or 'none'}",
        f"batches  {unconditional}{'' if unconditional == len(all_columns) else f' to {len(all_columns)}'}",
    ]
    for rounds in sorted(batches):
        after = "at once" if rounds == 0 else f"after {rounds} wait{'s' if rounds > 1 else ''}"
        calls = [_describe_call(loader, columns) for loader, columns in batches[rounds].items()]
        lines += [f"  {after if number == 0 else '':13}  {call}" for number, call in enumerate(calls)]
    return "".join(f"{line}\n" for line in lines)


def _batches(fields: Sequence[ExplainedField]) -> dict[int, dict[str, set[str | None]]]:
    """Returns, by round and loader, the keys without which the loader is called; None for an unconditional call."""
    batches: dict[int, dict[str, set[str | None]]] = {}
    for field in fields:
        call = field.loader_call
        if call is not None:
            batches.setdefault(field.rounds, {}).setdefault(call.loader, set()).add(call.inlined)
    return batches


def _describe_call(loader: str, columns: set[str | None]) -> str:
    keys = [column for column in columns if column is not None]
    return loader if None in columns else f"{loader}, where there is no {' or '.join(sorted(keys))}"
