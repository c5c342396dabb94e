"""Reads operations with files, following the GraphQL multipart request specification."""

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
    """Reads forms of up to `max_bytes`. Rejects all forms if that is 0, or if the schema has no `Upload`."""

    def __init__(self, max_bytes: int, *, enabled: bool) -> None:
        self._max_bytes = max_bytes if enabled else 0

    def accepts(self, request: Request) -> bool:
        content_type = header(request.scope, b"content-type") or ""
        return self._max_bytes > 0 and content_type.lower().startswith(_MULTIPART) and request.method == "POST"

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncGenerator[Any]:
        """Yields the operations with their files. Closes the files. Raises `RequestError` for an invalid form."""
        check_form(request.scope)
        form = await self._form(request)
        try:
            yield _with_files(form)
        finally:
            await form.close()

    async def _form(self, request: Request) -> FormData:
        parser = MultiPartParser(
            request.headers, self._limited(request), max_files=MAX_FILES, max_fields=2, max_part_size=MAX_BODY_BYTES
        )
        try:
            return await parser.parse()
        except MultiPartException as error:
            raise malformed(f"Invalid multipart form: {error.message}") from None
        except KeyError:
            raise malformed("Invalid multipart form: Content-Type has no boundary.") from None
        except ClientDisconnect:
            raise malformed("The body ended before it was complete.") from None

    async def _limited(self, request: Request) -> AsyncGenerator[bytes]:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > self._max_bytes:
                raise bad_request(f"The form is longer than {self._max_bytes} bytes.", 413)
            yield chunk


def _with_files(form: FormData) -> Any:
    operations = read_operations(_text(form, "operations"), "operations")
    paths_by_name = read_json(_text(form, "map"), "map")
    try:
        paths_by_name = msgspec.convert(paths_by_name, dict[str, list[str]])
    except msgspec.ValidationError:
        raise malformed("map: give each file a list of paths.") from None
    files = {name: file for name, file in form.multi_items() if isinstance(file, UploadFile)}
    if set(files) != set(paths_by_name):
        raise malformed("map: name each file of the form, and no other file.")
    for name, paths in paths_by_name.items():
        for path in paths:
            _put(operations, path, files[name])
    return operations


def _text(form: FormData, name: str) -> bytes:
    values = form.getlist(name)
    if len(values) != 1 or not isinstance(values[0], str):
        raise malformed(f"{name}: the form must have this field once.")
    try:
        return values[0].encode()
    except UnicodeEncodeError:  # possible with some charsets
        raise malformed(f"{name}: not in UTF-8.") from None


def _put(operations: Any, path: str, file: UploadFile) -> None:
    """Replaces a null in the variables by the file, as the specification requires."""
    steps = path.split(".")
    if "variables" not in steps[:2] or len(steps) > _MAX_PATH:
        raise malformed("map: a path must begin with variables, or in a batch with a number and variables.")
    *parents, last = steps
    container = operations
    for step in parents:
        container = _child(container, step)
    if _child(container, last, missing=...) is not None:
        raise malformed("map: a path must lead to null in the operations.")
    container[int(last) if isinstance(container, list) else last] = file


def _child(container: Any, step: str, missing: Any = None) -> Any:
    try:
        return container[int(step) if isinstance(container, list) else step]
    except (KeyError, IndexError, TypeError, ValueError):
        return missing
