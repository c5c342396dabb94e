"""Builders of a batch's dicts, in document order: from columns at first, later by one generated comprehension."""

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
"""The globals of generated code, which uses only builtins."""

MAX_READS = 300
"""Maximum values that one comprehension reads. Python's compiler recurses once for each."""

MAX_NESTED_OBJECTS = 50
"""Maximum objects nested in one comprehension. Compile time grows with the square of their number."""

MAX_CACHED_SOURCES = 128
"""Maximum sources whose compiled code is cached. Aliases of one field, and equal selections, have equal sources."""

MAX_LIST_DEPTH = 8
"""Maximum levels of nested lists that generated code reads."""


class Builder(Protocol):
    """Builds the dicts of a batch.

    `inlined` are the fields that the builder reads and converts itself. It raises an exception at the first irregular
    value. `columns` are the other fields; the builder receives their completed values as lists.
    """

    inlined: "list[Field]"
    columns: "list[Field]"

    @property
    def build(self) -> Build:
        """Returns the function `build(sources, *columns)`, which returns one dict per source."""
        ...


class PlainBuilder:
    """Builds dicts from columns alone, without generated code.

    The first execution of a selection uses it: compiling would take longer than it saves.
    """

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
    """Builds dicts by one comprehension that is generated for these fields and this variant of sources.

    With `nested`, the comprehension also builds objects that are read from their parents, if all of their fields can
    be inlined and all of their sources so far had one class. Fields beyond the maximum sizes become columns.
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
        del self._values, self._bound, self._functions  # the compiled code holds the values that it uses

    def _entry_or_column(self, field: "Field", variant: Variant, reads: list[str]) -> str:
        entry = self._entry(field, variant, reads, "for {} in [{}]")
        if entry is None:
            self.columns.append(field)
            entry = f"c{len(self.columns) - 1}"
        else:
            self.inlined.append(field)
        return f"{field.key!r}: {entry}"

    def _entry(self, field: "Field", variant: Variant, reads: list[str], read: str) -> str | None:
        """Returns an expression for a field's completed value, or None if the field needs a column.

        Appends the statement that reads the raw value to `reads`.
        """
        if field.reader is None or not (field.leaf or self._can_nest(field)):
            return None
        code = field.reader.code(variant, self._bind)
        if code is None or isinstance(field.reader, ConstantReader):
            return code
        if len(reads) >= MAX_READS or (field.depth and not (self._nested and field.depth <= MAX_LIST_DEPTH)):
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
        """Returns an expression for the output of a leaf value. `convert` handles irregular values."""
        leaf = field.leaf
        assert leaf is not None  # noqa: S101 - checked by the caller
        assert field.convert is not None  # noqa: S101 - every leaf has a converter
        convert = self._bind(field.convert)
        test = exact_test(leaf)
        if test is not None:
            return f"{value} if {test.format(v=value)} else {convert}({value})"
        if isinstance(leaf, GraphQLEnumType):
            return f"{self._bind(field.convert.known)}.get({value}) or {convert}({value})"
        coerce, regular = self._bind(field.convert.coerce), self._bind(field.convert.regular)
        return f"(type({value}) in {regular} and {coerce}({value})) or {convert}({value})"

    def _can_nest(self, field: "Field") -> bool:
        return self._nested and len(self._functions) + _count_objects(field, MAX_NESTED_OBJECTS) <= MAX_NESTED_OBJECTS

    def _object(self, field: "Field") -> str | None:
        """Returns the name of a generated function from a source to its dict.

        Returns None if a field of the object cannot be inlined.
        """
        selection = field.selection
        assert selection is not None  # noqa: S101 - checked by `_count_objects`
        assert selection.kind is not None  # noqa: S101 - checked by `_count_objects`
        variant = Variant.of({selection.kind})
        if field.typename is not None and variant is not Variant.DICTS:
            return None
        before = len(self._functions)
        reads: list[str] = []
        entries: list[str] = []
        for child in selection.fields:
            entry = self._entry(child, variant, reads, "{} = {}")
            if entry is None:
                del self._functions[before:]
                return None
            entries.append(f"{child.key!r}: {entry}")
        irregular = f"type(o) is not {self._bind(selection.kind)}"
        if field.typename is not None:
            key, name = map(self._bind, field.typename)
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
        columns = [f"c{number}" for number in range(len(self.columns))]
        targets = ", ".join(["o", *columns])
        lists = ", ".join(["sources", *(f"{name}s" for name in columns)])
        rows = f"zip({lists})" if columns else "sources"
        comprehension = " ".join([f"{{{', '.join(entries)}}} for {targets} in {rows}", *reads])
        return f"    def build({lists}):\n        return [{comprehension}]\n    return build\n"

    def _factory(self, build: str) -> str:
        """Returns the source of a function that takes the bound values and returns `build`.

        As parameters the values create no reference cycle; as globals of the code they would.
        """
        parameters = ", ".join(f"f{number}" for number in range(len(self._values)))
        return "\n".join([f"def make({parameters}):", *self._functions, build])


@lru_cache(MAX_CACHED_SOURCES)
def _compiled(source: str) -> CodeType:
    return compile(source, "<engine>", "exec")


def _plain_tuple(value: Any) -> Any:
    if type(value) is tuple:
        return value
    raise Irregular


def _count_objects(field: "Field", limit: int) -> int:
    """Returns the number of objects that a field would nest, itself included, or `limit` + 1 if it cannot be nested."""
    selection = field.selection
    if selection is None or selection.kind is None:
        return limit + 1
    count = 1
    for child in selection.fields:
        if child.leaf is None:
            count += _count_objects(child, limit - count)
        if count > limit:
            return limit + 1
    return count
