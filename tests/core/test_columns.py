"""The columns of a row: those that a statement selects for a selection."""

import pytest

from core.columns import ColumnNames, RowColumns

COLUMNS = RowColumns(
    {
        "id": "p.id",
        "owner_id": "p.owner_id",
        "body": "p.body",
        "likes": "COALESCE(c.likes, 0)",
        "author__id": "u.id",
        "author__name": "u.name",
        "author__handle": "u.handle",
    },
    always=("id", "owner_id"),
)


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ((), {"id", "owner_id"}),
        (("body",), {"id", "owner_id", "body"}),
        (("author__name",), {"id", "owner_id", "author__id", "author__name"}),
        (("author",), {"id", "owner_id", "author__id", "author__name", "author__handle"}),
        (("missing", "author__bio", "other__id"), {"id", "owner_id"}),
    ],
)
def test_keys_and_ids_of_nested_rows_are_selected_with_the_columns_that_are_read(
    names: tuple[str, ...], chosen: set[str]
) -> None:
    assert COLUMNS.chosen(frozenset(names)) == chosen
    assert COLUMNS.chosen(COLUMNS.chosen(frozenset(names))) == chosen


def test_unknown_columns_are_all_columns() -> None:
    assert COLUMNS.chosen(None) == COLUMNS.names
    assert COLUMNS.sql() == (
        "p.id, p.owner_id, p.body, COALESCE(c.likes, 0) AS likes, u.id AS author__id, u.name AS author__name, "
        "u.handle AS author__handle"
    )


def test_the_list_has_the_order_of_the_declaration() -> None:
    names: ColumnNames = frozenset({"author__name", "likes", "id"})
    assert COLUMNS.sql(names) == "p.id, COALESCE(c.likes, 0) AS likes, u.name AS author__name"


def test_a_statement_may_have_more_columns() -> None:
    extended = COLUMNS.extended({"place": "b.id"}, always=["place"])
    assert extended.chosen(frozenset({"body"})) == {"id", "owner_id", "body", "place"}
    assert COLUMNS.names == extended.names - {"place"}
