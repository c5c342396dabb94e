"""Our rule for fields that meet, beside the one of graphql-core."""

import random

import pytest
from graphql import (
    DocumentNode,
    GraphQLError,
    NoFragmentCyclesRule,
    OverlappingFieldsCanBeMergedRule,
    build_schema,
    parse,
    validate,
)

from gateway.documents.guard.overlapping_fields import OverlappingFieldsRule

SCHEMA = build_schema(
    """
    directive @stream(initialCount: Int) on FIELD
    type Query { a: A b: B n: Named u: Both as: [A] x: Int y(f: Int, o: O): Int }
    interface Named { a: A n: Named x: Int y(f: Int, o: O): Int s: String }
    type A implements Named {
        a: A b: B n: Named u: Both as: [A] x: Int y(f: Int, o: O): Int s: String z: Int! l: [Int]
    }
    type B implements Named {
        a: A b: B n: Named u: Both as: [A!] x: Int y(f: Int, o: O): Int s: String z: Int l: [Int]!
    }
    union Both = A | B
    input O { p: Int q: String }
    """
)
LEAVES = {"x": "", "y": "", "s": "", "z": "", "l": "", "__typename": ""}
OBJECTS = {"a": "A", "b": "B", "n": "Named", "u": "Both", "as": "A"}
FIELDS = {
    "Query": ["a", "b", "n", "u", "as", "x", "y", "__typename"],
    "Named": ["a", "n", "x", "y", "s", "__typename"],
    "A": [*OBJECTS, *LEAVES],
    "B": [*OBJECTS, *LEAVES],
    "Both": ["__typename"],
}
ARGUMENTS = ["", "", "(f: 1)", "(f: 2)", "(f: $v)", '(o: {p: 1, q: "a"})', '(o: {q: "a", p: 1})']
ON = {"Query": ["Query"], "Named": ["Named", "A", "B"], "A": ["A", "Named"], "B": ["B", "Both"], "Both": ["A", "B"]}
FRAGMENTS = {"F1": "A", "F2": "Named", "F3": "B", "F4": "Both", "F5": "A"}


class Writer:
    """Documents in which names meet again and again: valid but for that, and for fragments in themselves."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - examples

    def document(self) -> str:
        """Keeps only used fragments. graphql-core checks unused ones too, which another rule rejects."""
        written = [f"query ($v: Int) {self.selections('Query', 4)}"]
        fragments = {name: f"fragment {name} on {on} {self.selections(on, 2)}" for name, on in FRAGMENTS.items()}
        for text in written:
            used = [name for name in fragments if f"...{name}" in text]
            written += [fragments.pop(name) for name in used]
        return "\n".join(written)

    def selections(self, parent: str, depth: int) -> str:
        return f"{{ {' '.join(self.selection(parent, depth) for _ in range(self.chance.randint(1, 4)))} }}"

    def selection(self, parent: str, depth: int) -> str:
        kind = self.chance.random()
        if kind < 0.15 and depth:
            on = self.chance.choice(ON[parent])
            return f"... on {on} {self.selections(on, depth - 1)}"
        if kind < 0.3 and parent != "Query":
            return f"...{self.chance.choice([name for name, on in FRAGMENTS.items() if on in ON[parent]] or ['F2'])}"
        return self.field(parent, depth)

    def field(self, parent: str, depth: int) -> str:
        field = self.chance.choice([name for name in FIELDS[parent] if depth or name not in OBJECTS])
        alias = self.chance.choice(["", "", "", "", "x: ", "a: ", "k: "])
        arguments = self.chance.choice(ARGUMENTS) if field == "y" else ""
        stream = " @stream(initialCount: 1)" if field == "as" and self.chance.random() < 0.1 else ""
        inside = f" {self.selections(OBJECTS[field], depth - 1)}" if field in OBJECTS else ""
        return f"{alias}{field}{arguments}{stream}{inside}"


def conflicts(rule: type, document: DocumentNode) -> list[GraphQLError]:
    return validate(SCHEMA, document, [rule])


def judged(seed: int) -> bool | None:
    """Returns whether both implementations find conflicts. None: a fragment spreads itself."""
    text = Writer(seed).document()
    document = parse(text)
    if validate(SCHEMA, document, [NoFragmentCyclesRule]):
        return None
    theirs, ours = conflicts(OverlappingFieldsCanBeMergedRule, document), conflicts(OverlappingFieldsRule, document)
    assert bool(theirs) == bool(ours), f"{text}\n{theirs}\n{ours}"
    return bool(ours)


@pytest.mark.parametrize("start", range(0, 4000, 1000))
def test_it_finds_conflicts_where_graphql_core_does(start: int) -> None:
    found = [judged(seed) for seed in range(start, start + 1000)]
    assert min(found.count(True), found.count(False)) > 150, "examples of both kinds"


@pytest.mark.parametrize(
    "text",
    [
        "{ x: a { s } x: b { s } }",
        "{ y(f: 1) y(f: 2) }",
        "{ y y(f: 1) }",
        '{ y(o: {p: 1, q: "a"}) y(o: {q: "a", p: 2}) }',
        "{ n { ... on A { k: z } ... on B { k: z } } }",
        "{ n { ... on A { k: x } ... on B { k: s } } }",
        "{ n { ... on A { k: as { x } } ... on B { k: as { x } } } }",
        "{ n { ... on A { k: x } k: y } }",
        "{ a { k: x } a { k: y } }",
        "{ a { n { a { k: x } } } a { n { a { k: y } } } }",
        "{ a { ...F ...G } } fragment F on A { k: x } fragment G on A { k: y }",
        "{ as @stream(initialCount: 1) { x } as { x } }",
        "{ u { ... on A { k: n { m: x } } ... on B { k: n { m: s } } } }",
    ],
)
def test_it_says_what_graphql_core_says(text: str) -> None:
    theirs, ours = (conflicts(rule, parse(text)) for rule in (OverlappingFieldsCanBeMergedRule, OverlappingFieldsRule))
    assert [error.message for error in ours] == [error.message for error in theirs]
    assert len(ours) == 1
    assert set(ours[0].locations or ()) <= set(theirs[0].locations or ())


def test_each_name_is_told_of_once() -> None:
    found = conflicts(
        OverlappingFieldsRule, parse(f"{{ {' '.join(f'y(f: {number})' for number in range(50))} k: x k: a {{ x }} }}")
    )
    assert [error.message.partition(" conflict")[0] for error in found] == ["Fields 'y'", "Fields 'k'"]


def test_combinations_without_end_are_refused() -> None:
    """Each level doubles in how many ways the fields below it meet."""
    levels = 16
    paths = [
        "n { " * at + f"... on {one} {{ n {{ " + "n { " * (levels - at) + "x" + " }" * (levels + 2)
        for at in range(levels)
        for one in ("A", "B")
    ]
    (error,) = conflicts(OverlappingFieldsRule, parse(f"{{ n {{ {' '.join(paths)} }} }}"))
    assert error.message == "The document has too many combinations of fragments. Split it."
