"""Costs that were counted by hand: requested ones from a document and its variables, and actual ones from a result."""

from typing import Any

import pytest

from tests.support.costs import cost_of, requested

USER = "id handle name"

REQUESTED: dict[str, tuple[str, dict[str, Any], int]] = {
    "nothing but leaves": ("{ __typename }", {}, 0),
    "one object": ('{ user(handle: "ana") { id } }', {}, 1),
    "an object twice": ('{ a: user(handle: "ana") { id } b: user(handle: "ben") { id } }', {}, 2),
    # a user, a connection, and an edge and a node for each of ten
    "a page of a literal size": ('{ user(handle: "ana") { followers(first: 10) { edges { node { id } } } } }', {}, 22),
    "a page of the default size": ('{ user(handle: "ana") { followers { edges { node { id } } } } }', {}, 42),
    "null is the default size": (
        '{ user(handle: "ana") { followers(first: null) { edges { node { id } } } } }',
        {},
        42,
    ),
    "pages of pages": (
        '{ user(handle: "a") { posts(first: 2) { edges { node { comments(first: 3) { edges { node { id } } } } } } } }',
        {},
        # a user, a connection, and twice: an edge, a post, a connection and three edges and comments
        2 + 2 * (3 + 3 * 2),
    ),
    "an item of a page is not selected, but read": (
        '{ user(handle: "ana") { followers(first: 50) { pageInfo { hasNextPage } } } }',
        {},
        1 + 1 + 1 + 50,
    ),
    "only the type of a page": ('{ user(handle: "ana") { followers(first: 50) { __typename } } }', {}, 1 + 1 + 50),
    "two lists of one page": (
        '{ user(handle: "ana") { followers(first: 5) { edges { cursor } again: edges { node { id } } } } }',
        {},
        1 + 1 + 5 + 5 * 2,
    ),
    "a list of ids": ('{ nodes(ids: ["a", "b", "c"]) { id } }', {}, 3),
    "the weight of a search": ('{ search(query: "a", first: 3) { edges { cursor } } }', {}, 250 + 1 + 3),
    "the weight of the feed": ("{ viewer { feed(first: 1) { edges { cursor } } } }", {}, 1 + 20 + 1 + 1),
    "a list of a known size": ("{ viewer { notificationPreferences { channels { kind } } } }", {}, 1 + 1 + 7),
    "one type of several": (
        '{ node(id: "") { ... on Payment { amount { currency } counterparty { id } } ... on Post { author { id } } } }',
        {},
        3,  # a payment with an amount and a counterparty costs more than a post with its author
    ),
    "an interface in an object": ('{ node(id: "x") { ... on Node { ... on Post { author { id } } } } }', {}, 2),
    "a variable": (
        "query ($n: Int) { viewer { feed(first: $n) { edges { node { id } } } } }",
        {"n": 3},
        1 + 20 + 1 + 3 * 2,
    ),
    "a variable without a value": (
        "query ($n: Int) { viewer { feed(first: $n) { edges { node { id } } } } }",
        {},
        1 + 20 + 1 + 20 * 2,
    ),
    "a variable with a default": (
        "query ($n: Int = 7) { viewer { feed(first: $n) { edges { node { id } } } } }",
        {},
        1 + 20 + 1 + 7 * 2,
    ),
    "a variable that is null, so that its default does not apply": (
        "query ($n: Int = 7) { viewer { feed(first: $n) { edges { node { id } } } } }",
        {"n": None},
        1 + 20 + 1 + 20 * 2,
    ),
    "the same leaf under several names": (
        '{ user(handle: "ana") { id name a: name b: name followers(first: 3) { edges { node { id a: id b: id } } } } }',
        {},
        1 + 2 + 1 + 3 * (2 + 2),
    ),
    "the same leaf under one name": ('{ user(handle: "ana") { id id id a: handle } }', {}, 1),
    "a type name under several names": ('{ a: __typename b: __typename user(handle: "ana") { __typename } }', {}, 2),
    "the same leaf under another name on a condition": (
        'query ($x: Boolean!) { user(handle: "ana") { id a: id @include(if: $x) b: id @skip(if: $x) } }',
        {"x": True},
        2,
    ),
    "a whole number with a fraction": (
        "query ($n: Int) { viewer { feed(first: $n) { edges { node { id } } } } }",
        {"n": 100.0},
        1 + 20 + 1 + 100 * 2,
    ),
    "a variable with a list": ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["a"] * 90}, 90),
    "a variable with one item in place of a list": (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        {"ids": "a"},
        1,
    ),
    "a field that is never included": ('{ user(handle: "a") @include(if: false) { id } }', {}, 0),
    "a field that is always skipped": ('{ user(handle: "a") @skip(if: true) { id } __typename }', {}, 0),
    "a field that is skipped now": (
        'query ($no: Boolean!) { user(handle: "a") { id followers(first: 3) @skip(if: $no) { edges { cursor } } } }',
        {"no": True},
        1,
    ),
    "a field that is not skipped now": (
        'query ($no: Boolean!) { user(handle: "a") { id followers(first: 3) @skip(if: $no) { edges { cursor } } } }',
        {"no": False},
        1 + 1 + 3,
    ),
    "a condition by default": (
        'query ($x: Boolean = false) { user(handle: "a") { id followers(first: 3) @include(if: $x) { __typename } } }',
        {},
        1,
    ),
    "conditions that exclude each other": (
        'query ($x: Boolean!) { user(handle: "a") @include(if: $x) { id followers @skip(if: $x) { __typename } } }',
        {"x": True},
        1,
    ),
    "a fragment that is included twice": (
        """
        query ($x: Boolean!) { user(handle: "a") { ...F @include(if: $x) ...F } }
        fragment F on User { followers(first: 2) { edges { cursor } } }
        """,
        {"x": False},
        1 + 1 + 2,
    ),
    "fields that are merged": (
        """
        { user(handle: "a") { ...A ...B } }
        fragment A on User { followers(first: 2) { edges { node { id } } } }
        fragment B on User { followers(first: 2) { edges { node { name } } pageInfo { hasNextPage } } }
        """,
        {},
        1 + 1 + 2 * 2 + 1,
    ),
    "what only an included field selects": (
        """
        query ($x: Boolean!) { user(handle: "a") { ...A ...B @include(if: $x) } }
        fragment A on User { posts(first: 2) { edges { cursor } } }
        fragment B on User { posts(first: 2) { edges { node { author { id } } } } }
        """,
        {"x": False},
        1 + 1 + 2,
    ),
    "mutations": (
        """
        mutation ($input: LikePostInput!) {
          likePost(input: $input) { ... on LikePostSuccess { post { id } } } logOut { __typename }
        }
        """,
        {},
        (10 + 1 + 1) + (10 + 1),
    ),
    "a payload of a subscription": (
        "subscription { viewerEvents { cursor event { ... on FeedPostPublished { post { author { id } } } } } }",
        {},
        1 + 1 + 1 + 1,
    ),
    "introspection": ("{ __schema { queryType { fields { name } } } }", {}, 1),
    "deferred fields": (
        '{ user(handle: "a") { id ... @include(if: true) { followers(first: 3) { __typename } } } }',
        {},
        5,
    ),
}


@pytest.mark.parametrize(("text", "variables", "cost"), REQUESTED.values(), ids=REQUESTED)
def test_a_requested_cost(text: str, variables: dict[str, Any], cost: int) -> None:
    assert requested(text, variables) == cost


def page(items: int, item: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"edges": [{"node": item} for _ in range(items)]}


FEED = """
{ viewer { feed(first: 20) { edges { node { id author { id } comments(first: 3) { edges { node { id } } } } } } } }
"""
SUBJECT = (
    '{ node(id: "x") { ... on Payment { amount { currency } counterparty { id } } ... on Post { a: author { id } '
    "comments(first: 3) { edges { cursor } } } } }"
)
ACTUAL: dict[str, tuple[str, dict[str, Any] | None, int]] = {
    "nobody is signed in": (FEED, {"viewer": None}, 0),
    "a feature failed": (FEED, {"viewer": {"feed": None}}, 1 + 20),
    "an empty page": (FEED, {"viewer": {"feed": page(0)}}, 1 + 20 + 1),
    "two posts, one with two comments": (
        FEED,
        {"viewer": {"feed": {"edges": [{"node": {"comments": page(2)}}, {"node": {"comments": page(0)}}]}}},
        # the viewer, the feed, twice: an edge, a post, an author and a connection, and two edges with comments
        1 + 20 + 1 + 2 * 4 + 2 * 2,
    ),
    "a post that is not visible": (FEED, {"viewer": {"feed": page(1)}}, 1 + 20 + 1 + 1),
    "no data at all": (FEED, None, 22 + 20 * (4 + 3 * 2)),
    "a type without lists": (SUBJECT, {"node": {"amount": {}, "counterparty": {}}}, 1 + 1 + 1),
    "another type": (SUBJECT, {"node": {"a": {"id": 1}, "comments": {"edges": [{}]}}}, 1 + 1 + 1 + 1),
    "an object that does not exist": (SUBJECT, {"node": None}, 0),
}


@pytest.mark.parametrize(("text", "data", "cost"), ACTUAL.values(), ids=ACTUAL)
def test_an_actual_cost(text: str, data: dict[str, Any] | None, cost: int) -> None:
    counted = cost_of(text)
    assert counted.actual(data, {}, counted.requested({})) == cost


def test_a_page_whose_items_are_not_selected_was_read_all_the_same() -> None:
    text = 'query ($n: Int!) { user(handle: "ana") { followers(first: $n) { pageInfo { hasNextPage } } } }'
    data = {"user": {"followers": {"pageInfo": {"hasNextPage": False}}}}
    assert cost_of(text).actual(data, {"n": 50}, 1000) == 1 + 1 + 1 + 50


def test_the_path_leads_to_what_costs_most() -> None:
    assert ".".join(cost_of(FEED).path) == "viewer.feed.edges.node.comments.edges.node"
    assert cost_of("mutation ($input: LogInInput!) { logIn(input: $input) { __typename } }").path == ("logIn",)
