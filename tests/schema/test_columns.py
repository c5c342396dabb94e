"""Statements select the columns that an operation reads, and each field declares those that it needs."""

import re
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema

from core.columns import RowColumns
from engine.definitions import definitions_of
from loaders import LOADERS
from loaders.by_type import TYPENAMES
from resolvers.schema import build_schema
from tests.feed.test_reads import READS, ids
from tests.support.client import HOME, Client, operation
from tests.support.columns import all_variants, forget_variants

NOT_IN_HOME = {
    "users": ["bio", "created_at"],
    "posts": ["edited_at"],
    "comments": ["c.created_at", "author__handle", "author__avatar_url"],
    "notifications": [
        "seen_at",
        "subject_type",
        "subject_owner_id",
        "subject_id",
        "actor__handle",
        "actor__avatar_url",
    ],
    "payment_parties": ["note", "kind", "refunded_amount", "failure_code", "updated_at", "action_url", "action_secret"],
}
"""Columns of rows of the home screen that it does not select, by the table that its statements begin with."""

CONTRACT = [
    ("FeedPage", ["like_count", "comment_count", "liked_by_viewer", "edited_at", "author__name", "author__avatar_url"]),
    ("Profile", ["edited_at", "author__handle", "author__name", "liked_by_viewer"]),
    ("Thread", ["bio", "author__bio"]),
    ("Search", ["bio", "like_count", "comment_count", "edited_at", "author__name"]),
    ("BlockedUsers", ["bio", "created_at"]),
    ("WalletScreen", ["counterparty__id", "note", "failure_code", "action_secret", "refunded_amount"]),
    ("PaymentScreen", ["action_url", "action_secret", "counterparty__avatar_url"]),
    ("Inbox", ["edited_at", "like_count", "comment_count", "bio", "failure_code", "counterparty__id"]),
]


@pytest.fixture(autouse=True)
def own_variants() -> None:
    forget_variants()


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    core_schema: Any = build_schema()._schema
    return core_schema


def selected(statement: str) -> set[str]:
    """Returns the names that a statement selects and reads anywhere, without those of its conditions."""
    names: set[str] = set()
    for part in re.findall(r"SELECT (.*?) FROM", statement):
        names |= set(re.findall(r"(?:AS )?([\w.]+)(?:,|$)", part))
    return names | {name.rpartition(".")[2] for name in names}


async def test_the_home_screen_selects_no_column_that_it_does_not_show(client: Client, statements: list[str]) -> None:
    token = await client.token("ana")
    statements.clear()
    answer = (await client.post(HOME, token=token)).json()
    assert "errors" not in answer
    assert len(statements) == 5
    for table, names in NOT_IN_HOME.items():
        (statement,) = [made for made in statements if table == main_table(made)]
        assert not selected(statement).intersection(names), statement
    assert not any("__typename" in statement for statement in statements)


def main_table(statement: str) -> str:
    """Returns the first table among those that a list of the home screen reads."""
    tables = ("payment_parties", "comments", "posts", "notifications", "users")
    if "unseen" in statement:
        return "users"
    return next(table for table in tables if f" {table} " in statement)


@pytest.mark.parametrize(("name", "absent"), CONTRACT, ids=[name for name, _ in CONTRACT])
async def test_an_operation_selects_no_column_that_it_does_not_show(
    client: Client, statements: list[str], name: str, absent: list[str]
) -> None:
    known = await ids(client)
    for read in [read for read in READS if read.name == name]:
        variables = {key: known.get(str(value), value) for key, value in read.variables.items()}
        token = await client.token("ana")
        statements.clear()
        assert "errors" not in (await client.post(operation(read.file, read.name), variables, token=token)).json()
        for statement in statements:
            assert not selected(statement).intersection(absent), statement


async def test_the_handle_of_the_viewer_is_one_column(client: Client, statements: list[str]) -> None:
    token = await client.token("ana")
    statements.clear()
    await client.post("{ viewer { user { handle } } }", token=token)
    (statement,) = statements
    assert statement.startswith("SELECT u.id, u.handle FROM users u ")


async def test_whether_the_viewer_likes_posts_is_read_with_them_only_if_it_is_selected(
    client: Client, statements: list[str]
) -> None:
    token = await client.token("ana")
    for field, is_read in (("likedByViewer", True), ("body", False)):
        statements.clear()
        await client.post(f"{{ viewer {{ feed {{ edges {{ node {{ {field} }} }} }} }} }}", token=token)
        (statement,) = statements
        assert ("liked_by_viewer" in statement) is is_read


@pytest.mark.parametrize("fields", ["user { handle }", "user { bio followerCount }", "notificationCounts { unread }"])
async def test_the_live_cursor_adds_no_statement(client: Client, statements: list[str], fields: str) -> None:
    token = await client.token("ana")
    made: list[int] = []
    for cursor in ("", "liveCursor"):
        statements.clear()
        assert "errors" not in (await client.post(f"{{ viewer {{ {fields} {cursor} }} }}", token=token)).json()
        made.append(len(statements))
    assert made[0] == made[1]


def test_every_field_of_a_row_declares_the_columns_that_it_reads(schema: GraphQLSchema) -> None:
    definitions = definitions_of(schema)
    for typename in TYPENAMES.values():
        kind = schema.type_map[typename]
        assert isinstance(kind, GraphQLObjectType)
        undeclared = [
            name
            for name, field in kind.fields.items()
            if definitions.of(kind, field, name, by_default=False).reads is None
        ]
        assert undeclared == [], typename


def test_every_loader_of_rows_selects_columns() -> None:
    for loader in TYPENAMES:
        assert isinstance(vars(LOADERS[loader]).get("row_columns"), RowColumns), loader


async def test_operations_of_the_apps_leave_places_for_variants(client: Client) -> None:
    known = await ids(client)
    for read in READS:
        variables = {key: known.get(str(value), value) for key, value in read.variables.items()}
        await client.data(operation(read.file, read.name), variables, as_="ana")
    texts = [len(variants.texts) - 1 for variants in all_variants()]
    assert max(texts) <= 4
    assert sum(texts) <= 40, "a connection keeps 100 prepared statements"
