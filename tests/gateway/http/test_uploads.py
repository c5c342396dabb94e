"""Files beside an operation, by a schema of the tests' own: ours takes none."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
import strawberry
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.datastructures import UploadFile
from strawberry.file_uploads import Upload

from core.settings import Settings
from gateway.app import create_app
from tests.support.timing import settings_for

NEW = "application/graphql-response+json"
PREFLIGHT = {"GraphQL-Require-Preflight": "1", "Accept": NEW}
MOST = 5_000_000


@strawberry.type
class Query:
    ready: bool = True


@strawberry.input
class Album:
    title: str
    pictures: list[Upload]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def send(self, file: Upload | None) -> str:
        sent = cast("UploadFile | None", file)
        return f"{sent.filename}: {(await sent.read()).decode()}" if sent else "nothing"

    @strawberry.mutation
    async def measure(self, album: Album) -> list[int]:
        return [len(await cast("UploadFile", picture).read()) for picture in album.pictures]

    @strawberry.mutation
    def say(self, text: str) -> str:
        return text


@asynccontextmanager
async def taking(settings: Settings, **given: Any) -> AsyncGenerator[AsyncClient]:
    app = create_app(settings_for(settings.database_url, **given), schema=strawberry.Schema(Query, Mutation))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        yield http


@pytest.fixture(scope="module")
async def door(settings: Settings) -> AsyncGenerator[AsyncClient]:
    async with taking(settings, max_upload_bytes=MOST, max_batch=2) as http:
        yield http


SEND = {"query": "mutation ($file: Upload) { send(file: $file) }", "variables": {"file": None}}
MEASURE = {
    "query": "mutation ($album: Album!) { measure(album: $album) }",
    "variables": {"album": {"title": "Sea", "pictures": [None, None]}},
}
HELLO = {"0": ("a.txt", b"hello")}


async def post(
    door: AsyncClient,
    operations: object,
    places: object,
    files: Mapping[str, tuple[str, bytes]],
    headers: Mapping[str, str] = PREFLIGHT,
) -> Response:
    data = {"operations": json.dumps(operations), "map": json.dumps(places)}
    return await door.post("/graphql", data=data, files=files, headers=headers)


async def test_a_file_is_the_value_of_a_variable(door: AsyncClient) -> None:
    response = await post(door, SEND, {"0": ["variables.file"]}, HELLO)
    assert response.json() == {"data": {"send": "a.txt: hello"}}


async def test_files_are_parts_of_an_input_even_large_ones(door: AsyncClient) -> None:
    files = {"a": ("a", b"x" * 3_000_000), "b": ("b", b"")}
    places = {"a": ["variables.album.pictures.0"], "b": ["variables.album.pictures.1"]}
    assert (await post(door, MEASURE, places, files)).json() == {"data": {"measure": [3_000_000, 0]}}


async def test_the_operations_of_a_batch_have_files(door: AsyncClient) -> None:
    files = {"0": ("a", b"one"), "1": ("b", b"two")}
    response = await post(door, [SEND, SEND], {"0": ["0.variables.file"], "1": ["1.variables.file"]}, files)
    assert response.json() == [{"data": {"send": "a: one"}}, {"data": {"send": "b: two"}}]


@pytest.mark.parametrize("header", ["Apollo-Require-Preflight", "X-Apollo-Operation-Name", "GraphQL-Require-Preflight"])
async def test_a_form_needs_a_header_that_no_page_can_send_unasked(door: AsyncClient, header: str) -> None:
    refused = await post(door, SEND, {"0": ["variables.file"]}, HELLO, {})
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert (await post(door, SEND, {"0": ["variables.file"]}, HELLO, {header: "1"})).status_code == 200


async def test_what_is_not_mapped_stays_null(door: AsyncClient) -> None:
    assert (await post(door, SEND, {"0": []}, HELLO)).json() == {"data": {"send": "nothing"}}
    form = {"operations": (None, json.dumps(SEND)), "map": (None, "{}")}
    assert (await door.post("/graphql", files=form, headers=PREFLIGHT)).json() == {"data": {"send": "nothing"}}


async def test_a_file_where_none_belongs_is_bad_input(door: AsyncClient) -> None:
    operation = {"query": "mutation ($text: String!) { say(text: $text) }", "variables": {"text": None}}
    response = await post(door, operation, {"0": ["variables.text"]}, HELLO)
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert "object at" not in response.text


@pytest.mark.parametrize(
    ("operations", "places"),
    [
        (SEND, {"0": "variables.file"}),
        (SEND, {"0": [1]}),
        (SEND, []),
        (SEND, None),
        (SEND, {}),
        (SEND, {"1": ["variables.file"]}),
        (SEND, {"0": ["variables.file"], "1": ["variables.file"]}),
        (SEND, {"0": ["query"]}),
        (SEND, {"0": ["variables"]}),
        (SEND, {"0": [""]}),
        (SEND, {"0": ["variables.nothing"]}),
        (SEND, {"0": ["variables.file.name"]}),
        (SEND, {"0": ["variables.file", "variables.file"]}),
        (SEND, {"0": ["variables." + "a." * 100 + "b"]}),
        (MEASURE, {"0": ["variables.album.title"]}),
        (MEASURE, {"0": ["variables.album.pictures.2"]}),
        (MEASURE, {"0": ["variables.album.pictures.x"]}),
        ({**SEND, "variables": None}, {"0": ["variables.file"]}),
        ({**SEND, "variables": None}, {"0": ["variables"]}),
        ({}, {"0": ["variables.file"]}),
        (None, {"0": ["variables.file"]}),
        ([SEND], {"0": ["1.variables.file"]}),
    ],
)
async def test_a_map_that_leads_nowhere_is_refused(door: AsyncClient, operations: object, places: object) -> None:
    response = await post(door, operations, places, HELLO)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert "object at" not in response.text


BOUNDARY = {**PREFLIGHT, "Content-Type": "multipart/form-data; boundary=a"}
DISPOSED = b'--a\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (BOUNDARY, b""),
        (BOUNDARY, b"--a--\r\n"),
        (BOUNDARY, b"no form"),
        (BOUNDARY, DISPOSED % (b"operations", b"{")),
        (BOUNDARY, DISPOSED % (b"operations", b"{}") + b"--a--\r\n"),
        (BOUNDARY, DISPOSED % (b"operations", b"\xff") + DISPOSED % (b"map", b"{}") + b"--a--\r\n"),
        (BOUNDARY, DISPOSED % (b"a", b"") * 3 + b"--a--\r\n"),
        (BOUNDARY, DISPOSED % (b"map", b"{}") * 2 + b"--a--\r\n"),
        (BOUNDARY, b"--a\r\nContent-Disposition: form-data\r\n\r\n\r\n--a--\r\n"),
        ({**BOUNDARY, "Content-Type": "multipart/form-data"}, b"--a--\r\n"),
        ({**BOUNDARY, "Content-Type": "multipart/form-data; boundary="}, b"--a--\r\n"),
        ({**BOUNDARY, "Content-Type": f"multipart/form-data; boundary={'a' * 300}"}, b"--a--\r\n"),
    ],
)
async def test_what_is_no_form_is_refused(door: AsyncClient, headers: dict[str, str], body: bytes) -> None:
    response = await door.post("/graphql", content=body, headers=headers)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("charset", "text"), [("unicode_escape", b"\\ud800"), ("raw_unicode_escape", b"\\ud800"), ("utf-7", b"+2AA-")]
)
async def test_text_that_no_utf_8_can_write_is_refused(door: AsyncClient, charset: str, text: bytes) -> None:
    body = b'--B\r\nContent-Disposition: form-data; name="operations"\r\n\r\n' + text + b"\r\n--B--\r\n"
    headers = {**PREFLIGHT, "Content-Type": f"multipart/form-data; boundary=B; charset={charset}"}
    refused = await door.post("/graphql", content=body, headers=headers)
    assert (refused.status_code, refused.json()["errors"][0]["message"]) == (400, "operations: not in UTF-8.")


async def test_a_form_that_is_too_long_or_has_too_many_files_is_refused(door: AsyncClient) -> None:
    long = await post(door, SEND, {"0": ["variables.file"]}, {"0": ("a", b"x" * MOST)})
    assert (long.status_code, long.json()["errors"][0]["message"]) == (413, "The form is longer than 5000000 bytes.")
    many = await post(door, SEND, {}, {str(number): ("a", b"") for number in range(21)})
    assert many.status_code == 400


@pytest.mark.parametrize("given", [{}, {"max_upload_bytes": 0}])
async def test_unless_it_is_set_no_form_is_taken(settings: Settings, given: dict[str, Any]) -> None:
    async with taking(settings, **given) as http:
        assert (await post(http, SEND, {"0": ["variables.file"]}, HELLO)).status_code == 415


async def test_a_schema_without_uploads_takes_none(settings: Settings) -> None:
    app = create_app(settings_for(settings.database_url, max_upload_bytes=MOST))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        assert (await post(http, {"query": "{ __typename }"}, {}, HELLO)).status_code == 415
