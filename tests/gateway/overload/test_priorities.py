"""Tests the priorities of operations, and how a request is marked as a prefetch."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import parse

from core.errors import SettingsError
from core.settings import Settings
from gateway.costs import MAX_STEPS, Weights, operation_costs
from gateway.overload import Priority, is_prefetch, priorities_of
from gateway.requests.graphql_request import GraphQLRequest
from resolvers.schema import build_schema

SCHEMA = build_schema()._schema
WEIGHTS = Weights(SCHEMA)

MONEY = {"AddPaymentMethod", "RemovePaymentMethod", "TopUpWallet", "SendPayment", "RefundPayment"}

REFUND = "fragment M on Mutation { refundPayment(input: {}) { __typename } }"


def read_priorities(text: str) -> Mapping[str, Priority]:
    document = parse(text)
    return priorities_of(
        SCHEMA, document, operation_costs(SCHEMA, WEIGHTS, document, in_parts=False, max_steps=MAX_STEPS)
    )


def test_priorities_of_the_operations_of_the_apps(project: Path) -> None:
    found: dict[str, Priority] = {}
    for file in sorted((project / "schema-operations").glob("*.graphql")):
        found |= read_priorities(file.read_text())
    assert {name for name, priority in found.items() if priority is Priority.MONEY} == MONEY
    assert {name for name, priority in found.items() if priority is Priority.SEARCH} == {"Search"}
    writes = {name for name, priority in found.items() if priority is Priority.WRITE}
    assert {"LogIn", "SignUp", "RefreshSession", "PublishPost", "MarkAllNotificationsRead"} <= writes
    reads = {name for name, priority in found.items() if priority is Priority.READ}
    assert {"Home", "Inbox", "WalletScreen", "ViewerEvents", "PostEvents"} <= reads
    assert len(found) == len(MONEY) + 1 + len(writes) + len(reads)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ __typename }", Priority.READ),
        ('{ ...Part } fragment Part on Query { search(query: "a") { __typename } }', Priority.SEARCH),
        ('{ viewer { id } ... { ... @include(if: true) { s: search(query: "a") { __typename } } } }', Priority.SEARCH),
        ('{ viewer { id } ... { ... @include(if: false) { s: search(query: "a") { __typename } } } }', Priority.READ),
        ('query ($s: Boolean!) { search(query: "a") @skip(if: $s) { __typename } viewer { id } }', Priority.SEARCH),
        ("mutation { logOut { __typename } refundPayment(input: {}) { __typename } }", Priority.MONEY),
        ("mutation { logOut { __typename } refundPayment(input: {}) @skip(if: true) { __typename } }", Priority.WRITE),
        (
            "mutation { logOut { __typename } refundPayment(input: {}) @include(if: false) { __typename } }",
            Priority.WRITE,
        ),
        (f"mutation {{ ...M @skip(if: true) ...M }} {REFUND}", Priority.MONEY),
        (f"mutation {{ ...M @skip(if: true) }} {REFUND}", Priority.WRITE),
        ("mutation ($s: Boolean!) { refundPayment(input: {}) @skip(if: $s) { __typename } }", Priority.MONEY),
    ],
)
def test_fragments_aliases_and_several_fields(text: str, expected: Priority) -> None:
    assert read_priorities(text) == {"": expected}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"sec-purpose": "prefetch"}, True),
        ({"sec-purpose": "Prefetch;anonymous-client-ip"}, True),
        ({"purpose": "prefetch"}, True),
        ({"sec-purpose": "prefetching"}, False),
        ({"purpose": "preview"}, False),
    ],
)
def test_headers_of_a_prefetch(headers: dict[str, str], *, expected: bool) -> None:
    assert is_prefetch({"headers": [(name.encode(), value.encode()) for name, value in headers.items()]}) is expected


@pytest.mark.parametrize(
    ("extensions", "expected"), [(None, False), ({}, False), ({"prefetch": True}, True), ({"prefetch": "true"}, False)]
)
def test_the_extension_of_a_prefetch(extensions: dict[str, Any] | None, *, expected: bool) -> None:
    assert GraphQLRequest(query="{ a }", extensions=extensions).is_prefetch is expected


def test_a_minimum_above_the_maximum_is_shed_at_the_start() -> None:
    with pytest.raises(SettingsError, match=r"^BFF_OVERLOAD_MIN_EXECUTIONS: [^\n]*$"):
        Settings(overload_min_executions=20, overload_max_executions=10)
