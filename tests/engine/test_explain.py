"""The exact output of `explain` for operations of a small schema."""

from typing import Any

import pytest
from graphql import GraphQLField, GraphQLObjectType, build_schema, parse

from engine import EXTENSION, Column, Derived, Direct, Level
from engine.analysis import MAX_DEPTH
from engine.explain import CannotExplain, explain

HALF = MAX_DEPTH // 2
NO_VALUE = "Argument 'if' has invalid value:"

SCHEMA = build_schema("""
    type Query { shop: Shop item(id: ID!): Item deals: [Deal!]! }
    type Shop { id: ID! name: String! tags: [String!]! rating: Float owner: Person books(first: Int = 3): [Book!]! }
    interface Item { id: ID! title: String }
    type Book implements Item { id: ID! title: String isLiked: Boolean! author: Person }
    type Film implements Item { id: ID! title: String director: Person }
    type Game implements Item { id: ID! title: String }
    type Person { id: ID! name: String! favourite: Item }
    type Percent { off: Int! }
    type Gift { item: Item }
    union Deal = Percent | Gift
    type Mutation { rename(shop: ID!, to: Names!): Shop close(shop: ID!): Shop }
    input Names { short: String! long: String }
    type Subscription { opened: Shop }
""")


async def later(*_: Any, **__: Any) -> list[None]:
    return []


def at_once(*_: Any, **__: Any) -> None: ...


def field(coordinate: str) -> GraphQLField:
    parent, _, name = coordinate.partition(".")
    kind = SCHEMA.type_map[parent]
    assert isinstance(kind, GraphQLObjectType)
    return kind.fields[name]


DECLARED = {
    "Query.shop": Direct(later, [], {}, at_once),
    "Query.item": Level(later, "item_by_id"),
    "Shop.id": Column("id"),
    "Shop.tags": Column("tags"),
    "Shop.rating": Derived(at_once),
    "Shop.owner": Level(later, "person_by_id", inlined="owner"),
    "Shop.books": Level(later, "books_by_shop"),
    "Book.isLiked": Level(later, "liked_by_viewer", inlined="is_liked"),
    "Book.author": Level(later, "person_by_id"),
    "Film.director": Level(later, "person_by_id"),
    "Person.favourite": Level(later, "item_by_id"),
    "Mutation.close": Direct(later, [], {"shop": "shop"}, at_once),
}
for coordinate, declared in DECLARED.items():
    field(coordinate).extensions[EXTENSION] = declared
    field(coordinate).resolve = at_once
field("Mutation.rename").resolve = later


def explained(text: str, **options: Any) -> list[str]:
    return explain(SCHEMA, parse(text), **options).splitlines()


def test_every_way_to_answer_a_field_has_a_name() -> None:
    text = """
      query Front($first: Int!) {
        shop { kind: __typename id name tags rating owner { name }
          newest: books(first: $first) { isLiked author { name } }
        }
      }
    """
    assert explained(text) == [
        "query Front($first: Int!)",
        "",
        "shop                             Shop        called directly",
        '├─ kind: __typename              String!     inlined: constant "Shop"',
        "├─ id                            ID!         inlined: column id",
        "├─ name                          String!     inlined: default name",
        "├─ tags                          [String!]!  inlined: column tags",
        "├─ rating                        Float       inlined: derived",
        "├─ owner                         Person      level: person_by_id, where there is no owner",
        "│  └─ name                       String!     inlined: default name",
        "└─ newest: books(first: $first)  [Book!]!    level: books_by_shop",
        "   ├─ isLiked                    Boolean!    level: liked_by_viewer, where there is no is_liked",
        "   └─ author                     Person      level: person_by_id",
        "      └─ name                    String!     inlined: default name",
        "",
        "levels   4",
        "fields   12",
        "loaders  person_by_id, books_by_shop, liked_by_viewer",
        "batches  2 to 4",
        "  after 1 wait   person_by_id, where there is no owner",
        "                 books_by_shop",
        "  after 2 waits  liked_by_viewer, where there is no is_liked",
        "                 person_by_id",
    ]


def test_types_with_the_same_fields_are_grouped_and_a_loader_counts_once_per_round() -> None:
    text = """{
      item(id: "a\\"b") { id title ... on Book { author { favourite { id } } } ... on Film { director { name } } }
      deals { ... on Gift { item { title } } }
    }"""
    assert explained(text) == [
        "query",
        "",
        'item(id: "a\\"b")                 Item      level: item_by_id',
        "├─ on Book",
        "│  ├─ id                         ID!       inlined: default id",
        "│  ├─ title                      String    inlined: default title",
        "│  └─ author                     Person    level: person_by_id",
        "│     └─ favourite               Item      level: item_by_id",
        "│        └─ on Book, Film, Game",
        "│           └─ id                ID!       inlined: default id",
        "├─ on Film",
        "│  ├─ id                         ID!       inlined: default id",
        "│  ├─ title                      String    inlined: default title",
        "│  └─ director                   Person    level: person_by_id",
        "│     └─ name                    String!   inlined: default name",
        "└─ on Game",
        "   ├─ id                         ID!       inlined: default id",
        "   └─ title                      String    inlined: default title",
        "deals                            [Deal!]!  read: default deals",
        "└─ on Gift",
        "   └─ item                       Item      read: default item",
        "      └─ on Book, Film, Game",
        "         └─ title                String    inlined: default title",
        "",
        "levels   4",
        "fields   15",
        "loaders  item_by_id, person_by_id",
        "batches  3",
        "  at once        item_by_id",
        "  after 1 wait   person_by_id",
        "  after 2 waits  item_by_id",
    ]


def test_root_fields_of_a_mutation_wait_for_one_another() -> None:
    text = """mutation Change($to: Names!) {
      rename(shop: 1, to: $to) { books { title } }
      close(shop: 1) { books { title } }
    }"""
    assert explained(text) == [
        "mutation Change($to: Names!)",
        "",
        "rename(shop: 1, to: $to)  Shop      resolver",
        "└─ books                  [Book!]!  level: books_by_shop",
        "   └─ title               String    inlined: default title",
        "close(shop: 1)            Shop      called directly",
        "└─ books                  [Book!]!  level: books_by_shop",
        "   └─ title               String    inlined: default title",
        "",
        "levels   3",
        "fields   6",
        "loaders  books_by_shop",
        "batches  2",
        "  after 1 wait   books_by_shop",
        "  after 3 waits  books_by_shop",
    ]


@pytest.mark.parametrize(("switch", "labels"), [(True, ["shop", "├─ id", "└─ name"]), (False, ["shop", "└─ id"])])
def test_variables_decide_what_is_included(switch: bool, labels: list[str]) -> None:  # noqa: FBT001 - a parameter
    lines = explained("query ($with: Boolean!) { shop { id name @include(if: $with) } }", variables={"with": switch})
    assert [line.partition("  ")[0].rstrip() for line in lines[2:-5]] == labels


def test_a_subscription_is_explained_as_an_event_is_answered() -> None:
    lines = explained("subscription { opened { id } }")
    assert lines[2:4] == ["opened  Shop  read: default opened", "└─ id   ID!   inlined: column id"]


def test_a_list_in_an_argument_is_made_for_each_object() -> None:
    schema = build_schema("type Query { sum(of: [Int!]!): Int one(of: Int!): Int }")
    assert schema.query_type is not None
    for query in schema.query_type.fields.values():
        query.extensions[EXTENSION] = Direct(at_once, [], {"of": "of"}, at_once)
    document = parse("query ($n: Int!, $s: [Int!]!) { a: sum(of: [1]) b: sum(of: $s) c: one(of: 1) d: one(of: $n) }")
    text = explain(schema, document, variables={"n": 1, "s": [1]})
    assert [line.split("  ")[-1].strip() for line in text.splitlines()[2:6]] == [
        *["resolver"] * 2,
        *["called directly"] * 2,
    ]


def test_a_delegated_operation_has_its_reason() -> None:
    deep = "author { favourite { ... on Book {" * HALF
    text = f"{{ item(id: 1) {{ ... on Book {{ {deep} id {'} } } ' * HALF} }} }} }}"
    assert explained(text) == ["query", "", "Delegated to graphql-core: depth."]


@pytest.mark.parametrize(
    ("text", "options", "reason"),
    [
        ("{ nothing }", {}, "Cannot query field 'nothing' on type 'Query'."),
        (
            "query A { __typename } query B { __typename }",
            {},
            "Must provide operation name if query contains multiple operations.",
        ),
        ("query A { __typename }", {"operation_name": "B"}, "Unknown operation named 'B'."),
        (
            "fragment A on Query { __typename } query B { ...A }",
            {"operation_name": "A"},
            "Unknown operation named 'A'.",
        ),
        (
            "query ($n: Int) { shop { books(first: $n) { id } } }",
            {"variables": {"n": "1"}},
            "Variable '$n' has invalid value: Int cannot represent non-integer value: '1'",
        ),
        (
            "query ($with: Boolean!) { shop @include(if: $with) { id } }",
            {},
            f"{NO_VALUE} Expected variable '$with' provided to type 'Boolean!' to provide a runtime value.",
        ),
    ],
)
def test_an_operation_that_cannot_be_explained_has_its_reason(text: str, options: dict[str, Any], reason: str) -> None:
    with pytest.raises(CannotExplain) as raised:
        explained(text, **options)
    assert str(raised.value) == reason


def test_a_plan_for_every_combination_of_types_has_an_end() -> None:
    schema = build_schema("""
      type Query { n: N }
      interface N { n: N }
      type A implements N { n: N } type B implements N { n: N } type C implements N { n: N }
    """)
    with pytest.raises(CannotExplain) as raised:
        explain(schema, parse("{ n " * 20 + "{ __typename }" + "}" * 20))
    assert str(raised.value) == "The plan has more than 10000 fields, counted for each object type."
