"""Formats incremental results as `deferSpec=20220824`, which Apollo's clients for iOS and Kotlin read.

This format has no `pending` and no `completed`: each part has the path and the label of its fragment. graphql-core
sends each value once, but these clients expect all data of a fragment in one part, also data that was sent before. So
the received data is collected, and each complete fragment is read from it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from graphql import DocumentNode

from gateway.execution.results import FormattedResult
from gateway.incremental.fragments import DeferredFragments

Path = Sequence[str | int]
Pending = Mapping[str, Any]


def in_format_20220824(document: DocumentNode, operation_name: str) -> Callable[[FormattedResult], FormattedResult]:
    """Returns a function that converts the parts of a response, one after another.

    All have `hasNext`. The first has `data`, the others `incremental`.
    """
    response = _CollectedResponse(DeferredFragments(document, operation_name))
    return lambda part: response.first(part) if "data" in part else response.next(part)


class _CollectedResponse:
    def __init__(self, fragments: DeferredFragments) -> None:
        self._fragments = fragments
        self._data: Any = None
        self._pending: dict[str, Pending] = {}
        self._errors: dict[str, list[Any]] = {}

    def first(self, part: FormattedResult) -> FormattedResult:
        self._data = part["data"]
        self._add_pending(part)
        return {name: value for name, value in part.items() if name != "pending"}

    def next(self, part: FormattedResult) -> FormattedResult:
        self._add_pending(part)
        streamed = [items for result in part.get("incremental", ()) if (items := self._add(result))]
        completed = [self._complete(result) for result in part.get("completed", ())]
        incremental = [*streamed, *(result for result in completed if result)]
        extensions = {"extensions": part["extensions"]} if "extensions" in part else {}
        return {"incremental": incremental, "hasNext": part["hasNext"], **extensions}

    def _add_pending(self, part: FormattedResult) -> None:
        self._pending.update((pending["id"], pending) for pending in part.get("pending", ()))

    def _add(self, incremental: Mapping[str, Any]) -> FormattedResult | None:
        """Returns items of a list. Collects data of a fragment, which is sent when the fragment is complete."""
        pending = self._pending[incremental["id"]]
        path: Path = [*pending["path"], *incremental.get("subPath", ())]
        known = self._at(path)
        errors = incremental.get("errors", [])
        if "items" in incremental:
            path = [*path, len(known)]
            known.extend(incremental["items"])
            return {"items": incremental["items"], **_path_and_label(path, pending), **_errors(errors)}
        _merge(known, incremental["data"])
        self._errors.setdefault(incremental["id"], []).extend(errors)
        return None

    def _complete(self, completed: Mapping[str, Any]) -> FormattedResult | None:
        """Returns the data of a completed fragment. Returns None for a list that ended without errors."""
        pending = self._pending.pop(completed["id"])
        errors = [*self._errors.pop(completed["id"], ()), *completed.get("errors", ())]
        known = self._at(pending["path"])
        if isinstance(known, list):
            end = [*pending["path"], len(cast("list[Any]", known))]
            return {"items": None, **_path_and_label(end, pending), "errors": errors} if errors else None
        failed = "errors" in completed
        data = None if failed else self._fragments.read(known, pending["path"], pending.get("label"))
        return {"data": data, **_path_and_label(pending["path"], pending), **_errors(errors)}

    def _at(self, path: Path) -> Any:
        value = self._data
        for key in path:
            value = value[key]
        return value


def _path_and_label(path: Path, pending: Pending) -> dict[str, Any]:
    return {"path": path, **({"label": pending["label"]} if "label" in pending else {})}


def _errors(errors: Sequence[Any]) -> dict[str, Any]:
    return {"errors": errors} if errors else {}


def _merge(target: dict[str, Any], data: dict[str, Any]) -> None:
    for name, value in data.items():
        known = target.get(name)
        if isinstance(known, dict) and isinstance(value, dict):
            _merge(cast("dict[str, Any]", known), cast("dict[str, Any]", value))
        else:
            target[name] = value
