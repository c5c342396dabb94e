"""Building the dicts of a batch, in document order: from columns at first, then by one generated comprehension."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from types import CodeType
from typing import TYPE_CHECKING, Any, Protocol

from graphql import GraphQLEnumType

from engine.leaves import Irregular, exact_test
from engine.readers import ConstantReader, Variant

if TYPE_CHECKING:
    from engine.plan import Field

Build = Callable[..., list[dict[str, Any]]]

_SCOPE: dict[str, Any] = {}
"""The globals of generated code, which uses none but builtins."""

MOST_READS = 300
"""Values read by one comprehension: Python's compiler goes a level deeper for each."""

MOST_OBJECTS = 50
"""Objects nested in one comprehension, since compiling takes longer with the square of their number."""

MOST_SOURCES = 128
"""Remembered by what was compiled of them: aliases of one field, and the same fields elsewhere, have equal sources."""

DEEPEST_LIST = 8


class Builder(Protocol):
    """What makes the dicts of a batch.

    `inlined` are the fields that it reads and converts itself; it raises an exception at the first value out of the
    ordinary. `columns` are the others, whose completed values it is given as lists.
    """

    inlined: "list[Field]"
    columns: "list[Field]"

    @property
    def build(self) -> Build:
        """`build(sources, *columns)` gives one dict per source."""
        ...


class PlainBuilder:
    """Without generated code, which takes longer to compile than it saves the first time."""

    __slots__ = ("__weakref__", "columns", "inlined", "keys")

    def __init__(self, fields: "list[Field]") -> None:
        self.keys = [field.key for field in fields]
        self.inlined: list[Field] = []
        self.columns = fields

    def build(self, sources: Sequence[Any], *columns: Sequence[Any]) -> list[dict[str, Any]]:
        keys = self.keys
        if not keys:
            return [{} for _ in sources]
        return [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]


class GeneratedBuilder:
    """By one comprehension, generated for these fields and this kind of source.

    With `nested`, objects that are read from their parents are built where they stand, if all of their fields can be
    inlined and only one class of sources has been met there. What would be too much for one comprehension are columns.
    """

    __slots__ = (
        "__weakref__",
        "_bound",
        "_functions",
        "_names",
        "_nested",
        "_values",
        "build",
        "columns",
        "inlined",
        "source",
    )

    def __init__(self, fields: "Sequence[Field]", variant: Variant, *, nested: bool = True) -> None:
        self._values: list[Any] = []
        self._bound: dict[int, str] = {}
        self._functions: list[str] = []
        self._names = 0
        self._nested = nested
        self.inlined: list[Field] = []
        self.columns: list[Field] = []
        reads: list[str] = []
        entries = [self._entry_or_column(field, variant, reads) for field in fields]
        self.source = self._factory(self._build(entries, reads))
        exec(_compiled(self.source), _SCOPE)  # noqa: S102 - made of GraphQL names and repr() alone
        self.build: Build = _SCOPE.pop("make")(*self._values)
        del self._values, self._bound, self._functions  # the code has what it needs of them

    def _entry_or_column(self, field: "Field", variant: Variant, reads: list[str]) -> str:
        entry = self._entry(field, variant, reads, "for {} in [{}]")
        if entry is None:
            self.columns.append(field)
            entry = f"c{len(self.columns) - 1}"
        else:
            self.inlined.append(field)
        return f"{field.key!r}: {entry}"

    def _entry(self, field: "Field", variant: Variant, reads: list[str], read: str) -> str | None:
        """An expression for a field's completed value, with what it reads first; None where that takes a column."""
        if field.reader is None or not (field.leaf or self._can_nest(field)):
            return None
        code = field.reader.code(variant, self._bind)
        if code is None or isinstance(field.reader, ConstantReader):
            return code
        if len(reads) >= MOST_READS or (field.depth and not (self._nested and field.depth <= DEEPEST_LIST)):
            return None
        value = self._name("v")
        completed = self._completed(field, value, 0)
        if completed is not None:
            reads.append(read.format(value, code))
        return completed

    def _completed(self, field: "Field", value: str, depth: int) -> str | None:
        if depth < field.depth:
            item = self._name("v")
            completed = self._completed(field, item, depth + 1)
            items = f"({value} if type({value}) is list else {self._bind(_plain_tuple)}({value}))"
            completed = completed and f"[{completed} for {item} in {items}]"
        elif field.leaf is not None:
            return self._converted(field, value)
        else:
            function = self._object(field)
            completed = function and f"{function}({value})"
        return completed if field.nonnull[depth] or not completed else f"None if {value} is None else {completed}"

    def _converted(self, field: "Field", value: str) -> str:
        """The value as it is where that will do, or coerced; what is out of the ordinary, `convert` sees to."""
        leaf = field.leaf
        assert leaf is not None  # noqa: S101 - said by the caller
        assert field.convert is not None  # noqa: S101 - every leaf has one
        convert = self._bind(field.convert)
        test = exact_test(leaf)
        if test is not None:
            return f"{value} if {test.format(v=value)} else {convert}({value})"
        if isinstance(leaf, GraphQLEnumType):
            return f"{self._bind(field.convert.known)}.get({value}) or {convert}({value})"
        coerce, regular = self._bind(field.convert.coerce), self._bind(field.convert.regular)
        return f"(type({value}) in {regular} and {coerce}({value})) or {convert}({value})"

    def _can_nest(self, field: "Field") -> bool:
        return self._nested and len(self._functions) + _objects(field, MOST_OBJECTS) <= MOST_OBJECTS

    def _object(self, field: "Field") -> str | None:
        """The name of a function from a source to its dict; None when some of its fields cannot be inlined."""
        selection = field.selection
        assert selection is not None  # noqa: S101 - said by `_objects`
        assert selection.kind is not None  # noqa: S101 - as above
        variant = Variant.of({selection.kind})
        if field.says is not None and variant is not Variant.DICTS:
            return None
        before = len(self._functions)
        reads: list[str] = []
        entries: list[str] = []
        for each in selection.fields:
            entry = self._entry(each, variant, reads, "{} = {}")
            if entry is None:
                del self._functions[before:]
                return None
            entries.append(f"{each.key!r}: {entry}")
        irregular = f"type(o) is not {self._bind(selection.kind)}"
        if field.says is not None:
            key, name = map(self._bind, field.says)
            irregular += f" or o.get({key}, {name}) != {name}"
        name = self._name("n")
        lines = [f"if {irregular}: raise {self._bind(Irregular)}", *reads, f"return {{{', '.join(entries)}}}"]
        self._functions.append("\n".join([f"    def {name}(o):", *(f"        {line}" for line in lines)]))
        return name

    def _name(self, kind: str) -> str:
        self._names += 1
        return f"{kind}{self._names}"

    def _bind(self, value: Any) -> str:
        name = self._bound.get(id(value))
        if name is None:
            name = self._bound[id(value)] = f"f{len(self._values)}"
            self._values.append(value)
        return name

    def _build(self, entries: list[str], reads: list[str]) -> str:
        given = [f"c{number}" for number in range(len(self.columns))]
        targets = ", ".join(["o", *given])
        lists = ", ".join(["sources", *(f"{name}s" for name in given)])
        rows = f"zip({lists})" if given else "sources"
        made = " ".join([f"{{{', '.join(entries)}}} for {targets} in {rows}", *reads])
        return f"    def build({lists}):\n        return [{made}]\n    return build\n"

    def _factory(self, build: str) -> str:
        """A function that is given what the code refers to, so that nothing refers to itself."""
        given = ", ".join(f"f{number}" for number in range(len(self._values)))
        return "\n".join([f"def make({given}):", *self._functions, build])


@lru_cache(MOST_SOURCES)
def _compiled(source: str) -> CodeType:
    return compile(source, "<engine>", "exec")


def _plain_tuple(value: Any) -> Any:
    if type(value) is tuple:
        return value
    raise Irregular


def _objects(field: "Field", most: int) -> int:
    """How many objects would be nested for a field, itself included; more than `most` if that cannot be."""
    selection = field.selection
    if selection is None or selection.kind is None:
        return most + 1
    found = 1
    for each in selection.fields:
        if each.leaf is None:
            found += _objects(each, most - found)
        if found > most:
            return most + 1
    return found
