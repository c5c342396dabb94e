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
    from engine.plan import Selection

_untrack: Callable[[object], None] = ctypes.PyDLL(None).PyObject_GC_UnTrack  # part of CPython's stable interface
_untrack.argtypes = [ctypes.py_object]  # type: ignore[attr-defined]
_untrack.restype = None  # type: ignore[attr-defined]


def untrack_document(document: DocumentNode) -> int:
    """Returns the number of objects of a parsed document, which may not change any more.

    The tokens are let go of: they refer to each other, and nothing reads them once a document is validated.
    """
    _let_go_of_tokens(document)
    objects, todo = 0, [document]
    while todo:
        node = todo.pop()
        objects += 2
        _untrack(node)
        if node.loc is not None:
            node.loc.start_token = node.loc.end_token = None  # type: ignore[assignment] - nothing reads them
            _untrack(node.loc)
        for name in node.keys:
            value: Any = getattr(node, name, None)
            if isinstance(value, Node):
                todo.append(value)  # type: ignore[arg-type]
            elif isinstance(value, tuple) and value:
                objects += 1
                _untrack(cast("object", value))
                todo.extend(each for each in value if isinstance(each, Node))  # type: ignore[misc]
    return objects


def _let_go_of_tokens(document: DocumentNode) -> None:
    token = document.loc and document.loc.start_token
    while token is not None:
        following, token.prev, token.next = token.next, None, None
        token = following


def untrack_selection(selection: "Selection") -> None:
    """Of a plan, without what is compiled below it or for it later."""
    _untrack_all((selection, selection.fields, selection.plain, *vars(selection.plain).values()))
    for field in selection.fields:
        _untrack_all((field, field.nodes, field.details, *field.details, field.arguments, field.nonnull))


def _untrack_all(objects: Iterable[object]) -> None:
    for each in objects:
        _untrack(each)
