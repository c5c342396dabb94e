"""Keeps what lives long and is part of no cycle out of the garbage collector's sight.

A remembered document and its plan are more than a thousand objects. The collector looks through all that it tracks in
one go, with the interpreter's lock: 100,000 objects take about 0.1 s. Objects that it does not track are still freed by
their reference counts, which is all that a structure without cycles needs.
"""

import ctypes
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

from graphql import DocumentNode, Node

if TYPE_CHECKING:
    from engine.builder import GeneratedBuilder
    from engine.plan import Selection

untrack: Callable[[object], None] = ctypes.pythonapi["PyObject_GC_UnTrack"]  # part of CPython's stable interface
"""For lists, tuples, dicts and instances of Python's classes. Others, as functions and cells, end the process when they
are freed: CPython untracks them then without asking whether they are tracked."""
untrack.argtypes = [ctypes.py_object]  # type: ignore[attr-defined]
untrack.restype = None  # type: ignore[attr-defined]


def untrack_document(document: DocumentNode) -> int:
    """Returns the number of objects of a parsed document, which may not change any more.

    The tokens are let go of: they refer to each other, and nothing reads them once a document is validated.
    """
    _let_go_of_tokens(document)
    objects, todo = 0, [document]
    while todo:
        node = todo.pop()
        objects += 2
        untrack(node)
        if node.loc is not None:
            node.loc.start_token = node.loc.end_token = None  # type: ignore[assignment] - nothing reads them
            untrack(node.loc)
        for name in node.keys:
            value: Any = getattr(node, name, None)
            if isinstance(value, Node):
                todo.append(value)  # type: ignore[arg-type]
            elif isinstance(value, tuple) and value:
                objects += 1
                untrack(cast("object", value))
                todo.extend(each for each in value if isinstance(each, Node))  # type: ignore[misc]
    return objects


def _let_go_of_tokens(document: DocumentNode) -> None:
    token = document.loc and document.loc.start_token
    while token is not None:
        following, token.prev, token.next = token.next, None, None
        token = following


def untrack_selection(selection: "Selection") -> None:
    """Of a plan, without what is compiled below it or for it later."""
    plain = selection.plain
    _untrack_all((selection, selection.fields, plain, plain.keys, plain.inlined, plain.columns))
    for field in selection.fields:
        _untrack_all((field, field.nodes, field.details, *field.details, field.arguments))


def untrack_builder(builder: "GeneratedBuilder") -> None:
    """Of a plan, without the functions that were generated for it: CPython takes for granted that it tracks these."""
    _untrack_all((builder, builder.inlined, builder.columns, builder.build.__closure__ or ()))


def _untrack_all(objects: Iterable[object]) -> None:
    for each in objects:
        untrack(each)
