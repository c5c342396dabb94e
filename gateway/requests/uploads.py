"""Files that are sent along with an operation, as the GraphQL multipart request specification has it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from gateway.errors.request_error import bad_request, malformed
from gateway.http.cross_site import check_form
from gateway.http.headers import header
from gateway.requests.bodies import MAX_BODY_BYTES, read_json, read_operations

MAX_FILES = 20
_MULTIPART = "multipart/form-data"
_MAX_PATH = 10


class UploadReader:
    """Reads forms of at most so many bytes. Where these are none, or no schema `wanted` files, no form is read."""

    def __init__(self, longest: int, *, wanted: bool) -> None:
        self._longest = longest if wanted else 0

    def accepts(self, request: Request) -> bool:
        content_type = header(request.scope, b"content-type") or ""
        return self._longest > 0 and content_type.lower().startswith(_MULTIPART) and request.method == "POST"

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncGenerator[Any]:
        """The operations with their files, which are gone afterwards; `RequestError` says what is wrong."""
        check_form(request.scope)
        form = await self._form(request)
        try:
            yield _with_files(form)
        finally:
            await form.close()

    async def _form(self, request: Request) -> FormData:
        parser = MultiPartParser(
            request.headers, self._bounded(request), max_files=MAX_FILES, max_fields=2, max_part_size=MAX_BODY_BYTES
        )
        try:
            return await parser.parse()
        except MultiPartException as error:
            raise malformed(f"This is no form with files: {error.message}") from None
        except KeyError:
            raise malformed("This is no form with files: Content-Type names no boundary.") from None
        except ClientDisconnect:
            raise malformed("The body ended before it was complete.") from None

    async def _bounded(self, request: Request) -> AsyncGenerator[bytes]:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > self._longest:
                raise bad_request(f"The form is longer than {self._longest} bytes.", 413)
            yield chunk


def _with_files(form: FormData) -> Any:
    operations = read_operations(_text(form, "operations"), "operations")
    places = read_json(_text(form, "map"), "map")
    try:
        places = msgspec.convert(places, dict[str, list[str]])
    except msgspec.ValidationError:
        raise malformed("map: name for each file a list of the places where it belongs.") from None
    files = {name: file for name, file in form.multi_items() if isinstance(file, UploadFile)}
    if set(files) != set(places):
        raise malformed("map: name each file of the form, and no other.")
    for name, paths in places.items():
        for path in paths:
            _put(operations, path, files[name])
    return operations


def _text(form: FormData, name: str) -> bytes:
    found = form.getlist(name)
    if len(found) != 1 or not isinstance(found[0], str):
        raise malformed(f"{name}: the form has to have this field once.")
    try:
        return found[0].encode()
    except UnicodeEncodeError:  # of a charset that has such characters
        raise malformed(f"{name}: this is not in UTF-8.") from None


def _put(operations: Any, path: str, file: UploadFile) -> None:
    """In the place of a null among the variables, as the specification demands."""
    steps = path.split(".")
    if "variables" not in steps[:2] or len(steps) > _MAX_PATH:
        raise malformed("map: a path begins with variables, or in a batch with a number before it.")
    *way, last = steps
    place = operations
    for step in way:
        place = _below(place, step)
    if _below(place, last, missing=...) is not None:
        raise malformed("map: a path leads to null in the operations.")
    place[int(last) if isinstance(place, list) else last] = file


def _below(place: Any, step: str, missing: Any = None) -> Any:
    try:
        return place[int(step) if isinstance(place, list) else step]
    except (KeyError, IndexError, TypeError, ValueError):
        return missing
