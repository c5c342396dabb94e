"""The directives `@cost` and `@listSize` of IBM's GraphQL Cost Directives specification.

An object costs 1, and a leaf nothing. `@cost` on a field adds the work of each execution of the field to that.
`@listSize` says how many objects a list may return (`gateway/costs`).
"""

import strawberry
from strawberry.schema_directive import Location

from core.paging import DEFAULT_FIRST

WRITE = 10
"""A mutation: a transaction with a few statements."""
MONEY = 200
"""A mutation that moves money or calls the payment provider."""
PASSWORD = 500
"""A mutation that hashes a password, which takes tens of milliseconds of a core."""
FEED = 20
"""The page of a feed, which is merged from several lists."""
SEARCH = 250
"""A search: a statement that ranks matches."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT],
    name="cost",
    description="What a field adds to the cost of an operation each time it is executed, or what an object of the type "
    "costs. The weight is a number. Without the directive an object costs 1, and a field adds nothing.",
)
class Cost:
    """A weight, as a text as in the specification."""

    weight: str


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="How many objects a list may return: the value of the largest of `slicingArguments`, or `assumedSize` "
    "if none of them has a value. With `sizedFields`, that is the size of these fields of the returned object. If "
    "`requireOneSlicingArgument` is true, clients should send one of the arguments.",
)
class ListSize:
    """The arguments of the specification, sorted, so that the printed definition is."""

    assumed_size: int | None = strawberry.UNSET
    require_one_slicing_argument: bool | None = True
    sized_fields: list[str] | None = strawberry.UNSET
    slicing_arguments: list[str] | None = strawberry.UNSET


def weighted(weight: int) -> Cost:
    """Returns the directive of a field whose execution costs more than the objects that it returns."""
    return Cost(weight=str(weight))


def paged(field: str = "edges", *, default: int = DEFAULT_FIRST) -> ListSize:
    """Returns the directive of a page: `field` of the returned object has `first` items, by default `default`."""
    return ListSize(
        assumed_size=default,
        require_one_slicing_argument=False,
        sized_fields=[field],
        slicing_arguments=["first"],
    )


def sized_by(argument: str) -> ListSize:
    """Returns the directive of a list with an item for each item of a required argument."""
    return ListSize(require_one_slicing_argument=strawberry.UNSET, slicing_arguments=[argument])


def of_size(size: int) -> ListSize:
    """Returns the directive of a list with at most `size` items."""
    return ListSize(assumed_size=size, require_one_slicing_argument=strawberry.UNSET)
