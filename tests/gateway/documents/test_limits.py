"""Tests the limits of documents that are not registered."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphql import get_introspection_query

from core.project import PROJECT
from core.settings import Settings
from gateway.documents.guard import DocumentLimits, check_values
from gateway.documents.guard.limits import MAX_DOCUMENT_LENGTH, MAX_OPERATIONS
from gateway.documents.guard.values import MAX_VALUES
from gateway.documents.reader import Document, Documents, InvalidDocument
from gateway.errors.request_error import RequestError
from resolvers.schema import build_schema

SCHEMA = build_schema()
DEFAULT = DocumentLimits.of(Settings())
SMALL = DocumentLimits(tokens=80, depth=4, fields=6, aliases=3, directives=3, root_fields=2)


def messages(text: str, limits: DocumentLimits) -> list[str]:
    read = Documents(SCHEMA, limits).read(text)
    return [] if isinstance(read, Document) else [error.message for error in read.errors]


def repeated(times: int, written: Callable[[int], str]) -> str:
    return " ".join(written(number) for number in range(times))


def tokens(number: int) -> str:
    return f"{{ viewer {{ {'id ' * (number - 5)}}} }}"


def nested(depth: int) -> str:
    return f"{{ {'viewer { ' * (depth - 1)} id {'}' * depth}"


def fields(number: int) -> str:
    more = repeated(number - 3, lambda _: "__typename")
    return f"{{ viewer {{ ...Two {more} }} }} fragment Two on Viewer {{ id id }}"


def fields_of_fragments(spreads: int) -> str:
    return f"{{ viewer {{ {'...Id ' * spreads} }} }} fragment Id on Viewer {{ id }}"


def fields_of_operations(number: int) -> str:
    return repeated(number, lambda each: f"query Q{each} {{ __typename }}")


def aliases(number: int) -> str:
    return f"{{ viewer {{ {repeated(number, lambda each: f'a{each}: id')} }} }}"


def directives(number: int) -> str:
    return f"{{ viewer @skip(if: false) {{ id {'... @skip(if: false) { id } ' * (number - 1)} }} }}"


def values(number: int) -> str:
    return f"{{ nodes(ids: [{'1 ' * (number - 1)}]) {{ id }} }}"


def values_of_operations(number: int) -> str:
    operations = repeated(number, lambda each: f"query Q{each}($id: ID! = 1) {{ ...F }}")
    return f"{operations} fragment F on Query {{ node(id: $id) {{ id }} }}"


def values_of_a_fragment(number: int) -> str:
    return f"{{ __typename }} fragment F on Query {{ nodes(ids: [{'1 ' * (number - 1)}]) {{ id }} }}"


def root_fields(number: int) -> str:
    return f"{{ __typename {'...Root ' * (number - 1)} }} fragment Root on Query {{ __typename }}"


AT_MOST = {
    "tokens": (tokens, SMALL.tokens, "Syntax Error: The document has more than 80 tokens."),
    "depth": (nested, SMALL.depth, "The document is nested deeper than 4 fields."),
    "fields": (fields, SMALL.fields, "The document has more than 6 fields, fragments included."),
    "fields of fragments": (fields_of_fragments, 5, "The document has more than 6 fields, fragments included."),
    "fields of operations": (fields_of_operations, 6, "The document has more than 6 fields, fragments included."),
    "aliases": (aliases, SMALL.aliases, "The document has more than 3 aliases, fragments included."),
    "directives": (directives, SMALL.directives, "The document has more than 3 directives, fragments included."),
    "values": (values, SMALL.fields, "The document has more than 6 values of arguments, fragments included."),
    "values of operations": (
        values_of_operations,
        3,
        "The document has more than 6 values of arguments, fragments included.",
    ),
    "unused values": (
        values_of_a_fragment,
        6,
        "The document has more than 6 values of arguments, fragments included.",
    ),
    "root fields": (root_fields, SMALL.root_fields, "The document has more than 2 root fields, fragments included."),
}


@pytest.mark.parametrize(("written", "most", "message"), AT_MOST.values(), ids=AT_MOST)
def test_a_document_may_have_so_many_and_no_more(written: Callable[[int], str], most: int, message: str) -> None:
    assert not [said for said in messages(written(most), SMALL) if said.startswith(message)]
    (told, *others) = messages(written(most + 1), SMALL)
    advice = "" if "tokens" in message else " Split it, or send the id of a registered document."
    assert (told, others) == (message + advice, [])


def test_a_document_may_be_so_long_and_no_longer() -> None:
    document = "{ __typename } #"
    assert messages(document.ljust(MAX_DOCUMENT_LENGTH, "x"), DEFAULT) == []
    assert messages(document.ljust(MAX_DOCUMENT_LENGTH + 1, "x"), DEFAULT) == [
        "Syntax Error: The document is longer than 65,536 characters."
    ]


def test_a_document_may_have_fifty_operations() -> None:
    assert messages(fields_of_operations(MAX_OPERATIONS), DEFAULT) == []
    assert messages(fields_of_operations(MAX_OPERATIONS + 1), DEFAULT) == [
        "The document has more than 50 operations. Send only the one to execute."
    ]


def test_root_fields_are_those_of_one_operation() -> None:
    two = "query A { __typename __typename } query B { __typename __typename }"
    assert messages(two, SMALL) == []


def test_registered_documents_have_limits_of_their_own() -> None:
    documents = Documents(SCHEMA, SMALL)
    for written, most, _ in AT_MOST.values():
        text = written(most + 1)
        assert isinstance(documents.read(text), InvalidDocument)
        if not messages(text, DEFAULT):  # the others are no documents for another reason
            assert isinstance(documents.read_trusted(text), Document)


REGISTERED = {
    "tokens": (tokens, 12_500, "Syntax Error: The document has more than 12,500 tokens."),
    "depth": (nested, 50, "The document is nested deeper than 50 fields. Split it."),
    "fields": (fields, 5_000, "The document has more than 5,000 fields, fragments included. Split it."),
    "fields of fragments": (
        fields_of_fragments,
        4_999,
        "The document has more than 5,000 fields, fragments included. Split it.",
    ),
    "operations": (
        fields_of_operations,
        50,
        "The document has more than 50 operations. Send only the one to execute.",
    ),
}


@pytest.mark.parametrize(("written", "most", "message"), REGISTERED.values(), ids=REGISTERED)
def test_a_registered_document_may_have_so_many_and_no_more(
    written: Callable[[int], str], most: int, message: str
) -> None:
    documents = Documents(SCHEMA, DEFAULT)

    def first(text: str) -> str:
        read = documents.read_trusted(text)
        return "" if isinstance(read, Document) else read.errors[0].message

    assert first(written(most + 1)) == message
    assert first(written(most)) != message


def _messages(documents: Documents, text: str) -> list[str]:
    read = documents.read_trusted(text)
    return [] if isinstance(read, Document) else [error.message for error in read.errors]


def test_limits_of_registered_documents_are_never_lower() -> None:
    large = Documents(SCHEMA, DEFAULT._replace(depth=60))
    (told,) = _messages(large, nested(60))
    assert told.startswith("Cannot query field 'viewer' on type 'Viewer'")
    assert _messages(large, nested(61)) == ["The document is nested deeper than 60 fields. Split it."]


@pytest.mark.parametrize("file", sorted((PROJECT / "schema-operations").glob("*.graphql")), ids=lambda file: file.stem)
def test_what_apps_send_takes_half_at_most(file: Path) -> None:
    half = DocumentLimits(*(most // 2 for most in DEFAULT))
    assert messages(file.read_text(), half) == []


def test_tools_may_ask_for_the_whole_schema() -> None:
    asked = get_introspection_query(
        descriptions=True,
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    assert messages(asked, DEFAULT) == []


def test_fields_may_be_repeated_as_often_as_compilers_do() -> None:
    fragments = range(60)
    spread = " ".join(f"...F{each}" for each in fragments)
    written = " ".join(f"fragment F{each} on Viewer {{ id user {{ id handle }} }}" for each in fragments)
    assert messages(f"{{ viewer {{ {spread} }} }} {written}", DEFAULT) == []


def test_fragments_in_themselves_are_told_of_by_validation() -> None:
    text = "{ ...A } fragment A on Query { ...B __typename } fragment B on Query { ...A }"
    assert "Cannot spread fragment 'A' within itself via 'B'." in messages(text, DEFAULT)


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
def test_a_document_may_have_as_many_lines_as_tokens(line_end: str) -> None:
    assert messages("{ __typename }" + line_end * DEFAULT.tokens, DEFAULT) == []
    assert messages("{ __typename }" + line_end * (DEFAULT.tokens + 1), DEFAULT) == [
        "Syntax Error: The document has more than 2,500 lines."
    ]


@pytest.mark.parametrize("text", ["a \\\n", 'a \\""" b', "a \\", '\\\\""" "" "', "\\n " * 9])
def test_what_is_in_a_block_string_is_one_token(text: str) -> None:
    assert messages(f'{{ node(id: """{text}{"b " * 3000}""") {{ id }} }}', DEFAULT) == []


def test_names_that_answers_repeat_have_at_most_256_letters() -> None:
    for text in ("query {} {{ __typename }}", "{{ {}: __typename }}"):
        assert messages(text.format("x" * 256), DEFAULT) == []
        assert messages(text.format("x" * 257), DEFAULT) == ["A name is longer than 256 characters."]


def test_of_fragments_with_one_name_none_is_left_out() -> None:
    text = "{ ...F } fragment F on Query { __typename } fragment F on Query { __typename }"
    assert messages(text, DEFAULT) == ["There can be only one fragment named 'F'."]


@pytest.mark.parametrize(
    "text",
    [
        "{{ node(id: {}) {{ id }} }}",
        "query ($id: ID! = {}) {{ node(id: $id) {{ id }} }}",
        "{{ nodes(ids: [1, {}.5]) {{ id }} }}",
        "{{ __typename @skip(if: {}) }}",
        "query @skip(if: {{a: {}}}) {{ __typename }}",
        "{{ __typename }} fragment Unused on Query @skip(if: {}) {{ __typename }}",
    ],
)
def test_a_number_has_at_most_400_digits(text: str) -> None:
    assert "A number has more than 400 digits." in messages(text.format("9" * 401), DEFAULT)
    assert "A number has more than 400 digits." not in messages(text.format("9" * 397), DEFAULT)


def test_what_may_have_been_meant_is_said_where_it_is_found_at_once() -> None:
    unknown = "Cannot query field 'viewe' on type 'Query'."
    assert messages("{ viewe { id } }", DEFAULT) == [f"{unknown} Did you mean 'viewer'?"]
    assert messages("{ viewe { id } }".ljust(3000), DEFAULT) == [unknown]
    assert messages(f"{{ {'viewe ' * 4} }}", DEFAULT) == [unknown] * 4


def test_ten_errors_are_enough() -> None:
    assert len(messages(f"{{ {repeated(40, lambda each: f'nothing{each}')} }}", DEFAULT)) == 11


def test_an_error_quotes_no_more_than_a_thousand_characters() -> None:
    read = Documents(SCHEMA, DEFAULT).read(f"{{ {'x' * 5000} }}")
    assert isinstance(read, InvalidDocument)
    assert read.errors[0].message == f"Cannot query field '{'x' * 980}…"


@pytest.mark.parametrize(
    "variables",
    [
        {"ids": ["x"] * MAX_VALUES},
        {"ids": [["x"] * (MAX_VALUES // 2)] * 2},
        {f"v{number}": None for number in range(MAX_VALUES + 1)},
        {"input": {"a": {f"v{number}": None for number in range(MAX_VALUES - 1)}}},
    ],
    ids=["a list", "lists", "variables", "objects"],
)
def test_variables_may_have_so_many_values_and_no_more(variables: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as refused:
        check_values(variables)
    (error,) = refused.value.errors
    assert error["message"] == "variables: send at most 10,000 values."
    assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", "variables")
    check_values({"ids": ["x"] * (MAX_VALUES - 1)})
