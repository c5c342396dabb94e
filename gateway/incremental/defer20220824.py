"""The parts of an answer in the format of `deferSpec=20220824`, which Apollo's clients for iOS and Kotlin read.

It knows no `pending` and no `completed`: a part says where its data belongs, and of which fragment it is. graphql-core
sends each value once, and these clients want all of a fragment at once, what came before included. So the answer is
kept as far as it is known, and a fragment that is complete is read from there.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, cast

from graphql import DocumentNode

from gateway.execution.results import FormattedResult
from gateway.incremental.fragments import DeferredFragments

Path = Sequence[str | int]
Pending = Mapping[str, Any]


async def in_format_20220824(
    parts: AsyncGenerator[FormattedResult], document: DocumentNode, operation_name: str
) -> AsyncGenerator[FormattedResult]:
    """Every part has `hasNext`; the first one `data`, all others `incremental`."""
    answer = _Known(DeferredFragments(document, operation_name))
    async with aclosing(parts):
        async for part in parts:
            yield answer.first(part) if "data" in part else answer.next(part)


class _Known:
    def __init__(self, fragments: DeferredFragments) -> None:
        self._fragments = fragments
        self._data: Any = None
        self._pending: dict[str, Pending] = {}
        self._errors: dict[str, list[Any]] = {}

    def first(self, part: FormattedResult) -> FormattedResult:
        self._data = part["data"]
        self._note(part)
        return {name: value for name, value in part.items() if name != "pending"}

    def next(self, part: FormattedResult) -> FormattedResult:
        self._note(part)
        streamed = [found for each in part.get("incremental", ()) if (found := self._take(each))]
        ended = [self._complete(each) for each in part.get("completed", ())]
        incremental = [*streamed, *(each for each in ended if each)]
        return {"incremental": incremental, "hasNext": part["hasNext"]}

    def _note(self, part: FormattedResult) -> None:
        self._pending.update((each["id"], each) for each in part.get("pending", ()))

    def _take(self, incremental: Mapping[str, Any]) -> FormattedResult | None:
        """Items of a list are passed on; the data of a fragment waits until all of it is there."""
        pending = self._pending[incremental["id"]]
        path: Path = [*pending["path"], *incremental.get("subPath", ())]
        known = self._at(path)
        errors = incremental.get("errors", [])
        if "items" in incremental:
            place = [*path, len(known)]
            known.extend(incremental["items"])
            return {"items": incremental["items"], **_where(place, pending), **_with(errors)}
        _merge(known, incremental["data"])
        self._errors.setdefault(incremental["id"], []).extend(errors)
        return None

    def _complete(self, completed: Mapping[str, Any]) -> FormattedResult | None:
        """Nothing, when a list has come to its end as it should."""
        pending = self._pending.pop(completed["id"])
        errors = [*self._errors.pop(completed["id"], ()), *completed.get("errors", ())]
        known = self._at(pending["path"])
        if isinstance(known, list):
            end = [*pending["path"], len(cast("list[Any]", known))]
            return {"items": None, **_where(end, pending), "errors": errors} if errors else None
        failed = "errors" in completed
        data = None if failed else self._fragments.read(known, pending["path"], pending.get("label"))
        return {"data": data, **_where(pending["path"], pending), **_with(errors)}

    def _at(self, path: Path) -> Any:
        found = self._data
        for key in path:
            found = found[key]
        return found


def _where(path: Path, pending: Pending) -> dict[str, Any]:
    return {"path": path, **({"label": pending["label"]} if "label" in pending else {})}


def _with(errors: Sequence[Any]) -> dict[str, Any]:
    return {"errors": errors} if errors else {}


def _merge(into: dict[str, Any], data: dict[str, Any]) -> None:
    for name, value in data.items():
        known = into.get(name)
        if isinstance(known, dict) and isinstance(value, dict):
            _merge(cast("dict[str, Any]", known), cast("dict[str, Any]", value))
        else:
            into[name] = value
