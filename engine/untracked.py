"""Excludes long-lived objects without reference cycles from the garbage collector.

A cached document and its plan are more than a thousand objects. A full collection traverses all tracked objects while
it holds the interpreter lock: 100,000 objects take about 0.1 s. Untracked objects are still freed by their reference
counts, which is sufficient without cycles.
"""

import ctypes
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

from graphql import DocumentNode, Node

if TYPE_CHECKING:
    from engine.builder import GeneratedBuilder
    from engine.plan import Selection

untrack: Callable[[object], None] = ctypes.pythonapi["PyObject_GC_UnTrack"]  # part of CPython's stable interface
"""Untracks lists, tuples, dicts and instances of Python classes. Other objects, such as functions and cells, must not
be untracked: CPython untracks them when it frees them without a check, and the process crashes."""
untrack.argtypes = [ctypes.py_object]  # type: ignore[attr-defined]
untrack.restype = None  # type: ignore[attr-defined]


def untrack_document(document: DocumentNode) -> int:
    """Untracks a parsed document and returns the number of its objects. The document must not change afterwards.

    The tokens are dropped: they refer to each other, and nothing reads them once a document is validated.
    """
    _drop_tokens(document)
    objects, stack = 0, [document]
    while stack:
        node = stack.pop()
        objects += 2
        untrack(node)
        if node.loc is not None:
            node.loc.start_token = node.loc.end_token = None  # type: ignore[assignment] - nothing reads them
            untrack(node.loc)
        for name in node.keys:
            value: Any = getattr(node, name, None)
            if isinstance(value, Node):
                stack.append(value)  # type: ignore[arg-type]
            elif isinstance(value, tuple) and value:
                objects += 1
                untrack(cast("object", value))
                stack.extend(item for item in value if isinstance(item, Node))  # type: ignore[misc]
    return objects


def _drop_tokens(document: DocumentNode) -> None:
    token = document.loc and document.loc.start_token
    while token is not None:
        next_token, token.prev, token.next = token.next, None, None
        token = next_token


def untrack_selection(selection: "Selection") -> None:
    """Untracks a selection and its fields, without sub-selections and builders, which are compiled later."""
    plain = selection.plain
    _untrack_all((selection, selection.fields, plain, plain.keys, plain.inlined, plain.columns))
    for field in selection.fields:
        _untrack_all((field, field.nodes, field.details, *field.details, field.arguments))


def untrack_builder(builder: "GeneratedBuilder") -> None:
    """Untracks a builder without its generated functions, which CPython requires to be tracked."""
    _untrack_all((builder, builder.inlined, builder.columns, builder.build.__closure__ or ()))


def _untrack_all(objects: Iterable[object]) -> None:
    for untracked in objects:
        untrack(untracked)
