"""Costs of hostile documents are computed in bounded time, and those of other schemas from their directives."""

import time
from typing import Annotated, Any

import pytest
import strawberry
from graphql import DocumentNode, parse

from gateway.costs import MAX_STEPS, OperationCost, Weights, operation_costs
from gateway.costs.terms import MAX_COST
from schema.cost import Cost, ListSize, of_size, sized_by, weighted
from tests.support.costs import PRODUCT, cost_of, documents_of, requested

MAX_RATIO = 20
"""The maximum CPU time for computing costs, as a multiple of that for parsing."""

_DOUBLING = " ".join(f"fragment F{each} on Query {{ ...F{each + 1} ...F{each + 1} }}" for each in range(60))
_TYPES = ("Comment", "Notification", "Payment", "Post", "User", "Wallet", "WalletEntry")


def _nested(depth: int) -> str:
    inner = "followers(first: 100) { edges { node { " * depth + "id" + " } } }" * depth
    return f'{{ user(handle: "a") {{ {inner} }} }}'


def _crossed(width: int, depth: int) -> str:
    """Returns fragments that can be merged in many combinations: each level spreads all fragments of the next."""
    levels = [
        f"fragment F{level}x{each} on User {{ followers {{ edges {{ node {{ "
        + " ".join(f"...F{level + 1}x{other}" for other in range(width))
        + " } } } }"
        for level in range(depth)
        for each in range(width)
    ]
    last = [f"fragment F{depth}x{each} on User {{ id a{each}: posts {{ __typename }} }}" for each in range(width)]
    return (
        f'{{ user(handle: "a") {{ {" ".join(f"...F0x{each}" for each in range(width))} }} }} {" ".join(levels + last)}'
    )


HOSTILE = {
    "fragments that double": f"{{ ...F0 }} {_DOUBLING} fragment F60 on Query {{ viewer {{ id }} }}",
    "five thousand fields": f"{{ {' '.join(f'a{each}: viewer {{ user {{ id }} }}' for each in range(2500))} }}",
    "five thousand fields of every type": "{ node(id: 1) { "
    + " ".join(f"... on {kind} {{ a{each}: id }}" for kind in _TYPES for each in range(700))
    + " } }",
    "deep lists": _nested(60),
    "combinations of fragments": _crossed(8, 12),
    "conditions": "query ("
    + ", ".join(f"$v{each}: Boolean!" for each in range(60))
    + ") { "
    + " ".join(f"...A @include(if: $v{each})" for each in range(60))
    + " } fragment A on Query { viewer { "
    + " ".join(f"...B @skip(if: $v{each})" for each in range(60))
    + " } } fragment B on Viewer { feed { edges { node { id } } } }",
}


WEIGHTS = Weights(PRODUCT.schema)


def computed(document: DocumentNode, max_steps: int = MAX_STEPS) -> OperationCost:
    (cost,) = operation_costs(PRODUCT.schema, WEIGHTS, document, in_parts=False, max_steps=max_steps).values()
    return cost


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_costs_of_a_hostile_document_take_little_time(text: str) -> None:
    parsing, computing = list[float](), list[float]()
    for _ in range(3):
        begin = time.process_time()
        document = parse(text)
        middle = time.process_time()
        cost = computed(document)
        parsing.append(middle - begin)
        computing.append(time.process_time() - middle)
        assert 0 < cost.requested({}) <= MAX_COST * MAX_STEPS
    assert min(computing) < MAX_RATIO * min(parsing)


def test_lists_within_lists_do_not_overflow() -> None:
    assert computed(parse(_nested(60))).requested({}) > 10**11


def test_a_document_that_is_too_complex_has_an_upper_bound_and_no_refund() -> None:
    document = parse(HOSTILE["combinations of fragments"])
    exact, bound = computed(document), computed(document, max_steps=50)
    assert bound.requested({}) >= exact.requested({})
    assert exact.counter is not None
    assert (bound.counter, bound.actual({"user": None}, {}, 7)) == (None, 7)


@strawberry.type(directives=[Cost(weight="0.5")])
class Cheap:
    name: str


@strawberry.interface
class Shape:
    parts: "list[Shape]" = strawberry.field(directives=[of_size(3)])


@strawberry.type
class Circle(Shape):
    @strawberry.field(directives=[weighted(7)])
    def radius(self) -> int:
        return 1


@strawberry.type
class Square(Shape):
    corner: Cheap


@strawberry.type
class Query:
    shapes: list[Shape]
    grid: list[list[Cheap]]

    @strawberry.field(directives=[sized_by("of")])
    def some(self, of: list[int]) -> list[Cheap]:
        return [Cheap(name=str(each)) for each in of]

    @strawberry.field(directives=[ListSize(assumed_size=4, slicing_arguments=["first", "last"])])
    def both(self, first: int | None = None, last: int | None = None) -> list[Cheap]:
        return [Cheap(name="a")] * max(first or 0, last or 0)


OWN = documents_of(strawberry.Schema(Query, types=[Circle, Square]))

DECLARED: dict[str, tuple[str, dict[str, Any], int]] = {
    "a list without a size counts ten": ("{ shapes { __typename } }", {}, 10),
    "a list of lists counts ten times ten": ("{ grid { name } }", {}, 50),
    "weights may be fractions, and costs are rounded up": ("{ some(of: [1, 2, 3]) { name } }", {}, 2),
    "the largest argument decides": ("{ both(first: 2, last: 8) { name } }", {}, 4),
    "without an argument, the assumed size": ("{ both { name } }", {}, 2),
    "one argument is enough": ("{ both(last: 2) { name } }", {}, 1),
    "the most expensive type decides": (
        "{ shapes { ... on Circle { radius } ... on Square { corner { name } } } }",
        {},
        10 * (1 + 7),
    ),
    "types within types": ("{ shapes { parts { parts { __typename } } } }", {}, 10 * (1 + 3 * (1 + 3))),
    "a negative size counts nothing": ("query ($n: Int) { both(first: $n) { name } }", {"n": -5}, 0),
    "a huge size is capped": ("query ($n: Int) { both(first: $n) { name } }", {"n": 2**31 - 1}, 500_000),
}


@pytest.mark.parametrize(("text", "variables", "cost"), DECLARED.values(), ids=DECLARED)
def test_the_cost_follows_the_directives_of_the_schema(text: str, variables: dict[str, Any], cost: int) -> None:
    assert requested(text, variables, OWN) == cost


def test_results_of_several_types_are_counted_as_what_they_are() -> None:
    query = "{ shapes { parts { __typename } ... on Circle { radius } ... on Square { corner { name } } } }"
    cost = cost_of(query, OWN)
    data: dict[str, Any] = {"shapes": [{"parts": [{}, {}], "radius": 1}, {"parts": [], "corner": {"name": "a"}}]}
    # two shapes, two parts, a radius, and a corner
    assert cost.actual(data, {}, 1000) == 2 + 2 + 7 + 1  # 0.5, rounded up
    assert cost.actual({"shapes": []}, {}, 1000) == 0


@pytest.mark.parametrize("weight", ["", "much", "-1", "nan", "inf", "1e7"])
def test_a_schema_with_an_invalid_weight_is_rejected(weight: str) -> None:
    @strawberry.type
    class Wrong:
        @strawberry.field(directives=[Cost(weight=weight)])
        def field(self) -> int:
            return 1

    text = f'Wrong.field: @cost(weight: "{weight}") is not a number from 0 to 1000000'
    with pytest.raises(ValueError, match="is not a number") as caught:
        documents_of(strawberry.Schema(Wrong))
    assert str(caught.value) == text


def test_a_schema_that_names_an_unknown_argument_is_rejected() -> None:
    @strawberry.type
    class Wrong:
        @strawberry.field(directives=[sized_by("first")])
        def field(self, last: Annotated[int, strawberry.argument(description="")]) -> list[int]:
            return [last]

    with pytest.raises(ValueError, match=r"^Wrong.field: @listSize\(slicingArguments:\) names first, which is no"):
        documents_of(strawberry.Schema(Wrong))


def test_the_costs_of_a_document_count_in_its_cache() -> None:
    read: Any = PRODUCT.read("{ viewer { id } }")
    more: Any = PRODUCT.read("{ viewer { id feed { edges { node { comments { edges { node { id } } } } } } } }")
    assert more.objects > read.objects
