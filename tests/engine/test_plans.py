"""The cache of plans: hits, evictions and limits."""

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, build_schema, parse

import engine
from engine import Plans, plans_of
from engine.cache import CHARACTERS_PER_FIELD, MAX_CONDITION_VARIANTS, MAX_OPERATIONS, PreparedOperation

ROOT = {"i": 1, "s": "a", "o": {"i": 2, "s": "b"}}


@pytest.fixture
def schema() -> GraphQLSchema:
    return build_schema("type Query { i: Int s: String o: O } type O { i: Int s: String }")


@pytest.fixture
def ask(schema: GraphQLSchema) -> Callable[..., Any]:
    def ask(document: DocumentNode | str, **variables: Any) -> Any:
        node = parse(document) if isinstance(document, str) else document
        result: Any = engine.execute(schema, node, root_value=ROOT, variable_values=variables)
        assert result.errors is None
        return result.data

    return ask


def prepared(plans: Plans) -> list[PreparedOperation]:
    return list(plans._by_identity.values())


def test_of_ten_thousand_documents_the_latest_stay_and_the_others_are_freed(
    schema: GraphQLSchema, ask: Callable[..., Any]
) -> None:
    plans, gone = plans_of(schema), weakref.WeakSet[Any]()
    for number in range(10_000):
        assert ask(f"{{ a{number}: i }}") == {f"a{number}": 1}
        assert len(plans) <= plans.max_operations
        gone.add(prepared(plans)[-1])
    assert (len(plans), plans.max_operations, plans.compiled) == (MAX_OPERATIONS, MAX_OPERATIONS, 10_000)
    gc.collect()
    assert set(gone) == set(prepared(plans))
    assert len(plans._by_text) == MAX_OPERATIONS


def test_of_long_documents_fewer_stay(schema: GraphQLSchema, ask: Callable[..., Any]) -> None:
    plans = schema.extensions["engine"] = Plans(max_characters=30_000)
    for number in range(20):
        ask(f"{{ a{number}: i }}".ljust(3000))
        assert len(plans) <= 3
    assert len(plans) == len(plans._by_text) == 3
    ask("{ i }".ljust(40_000))
    assert len(plans) == 1, "the operation that is executing"
    for number in range(20):
        ask(f"{{ b{number}: i }}".ljust(3000))
    assert len(plans) == 3


def test_of_documents_with_many_plans_fewer_stay(schema: GraphQLSchema, ask: Callable[..., Any]) -> None:
    plans = schema.extensions["engine"] = Plans(max_characters=30_000)
    document = "query ($a: Boolean!, $b: Boolean!) { i @include(if: $a) s @include(if: $b) t: s }".ljust(3000)
    for number in range(3):
        ask(f"{{ a{number}: i }}".ljust(3000))
    for a in (True, False):
        for b in (True, False):
            ask(document, a=a, b=b)
    assert [len(operation.plans) for operation in prepared(plans)] == [4]


def test_an_operation_that_cannot_be_compiled_has_no_weight(schema: GraphQLSchema) -> None:
    plans = schema.extensions["engine"] = Plans(max_characters=100_000)
    switches = [f"$s{number}: Boolean!" for number in range(4)]
    fields = " ".join(f"k{number}: i @include(if: $s{number})" for number in range(4))
    text = f"query ({' '.join(switches)} $bad: Boolean = true) {{ {fields} z: i @include(if: $bad) }}".ljust(1000)
    document, left = parse(text), plans._characters_left
    bad = {**dict.fromkeys(("s0", "s1", "s2", "s3"), True), "bad": None}
    for _ in range(5):
        for number in range(MAX_CONDITION_VARIANTS):
            values = {f"s{place}": bool(number >> place & 1) for place in range(4)}
            engine.execute(schema, document, root_value=ROOT, variable_values=values)
        engine.execute(schema, document, root_value=ROOT, variable_values=bad)
    (operation,) = prepared(plans)
    assert plans._characters_left == left - operation.characters


def test_fields_of_fragments_weigh_as_often_as_they_are_spread(schema: GraphQLSchema, ask: Callable[..., Any]) -> None:
    plans = schema.extensions["engine"] = Plans()
    spread = " ".join(f"a{number}: o {{ ...F }}" for number in range(50))
    ask(f"{{ {spread} }} fragment F on O {{ {' '.join(f's{number}: s' for number in range(30))} }}")
    (operation,) = prepared(plans)
    assert operation.characters > 50 * 31 * CHARACTERS_PER_FIELD


def test_a_dropped_plan_needs_no_collector(schema: GraphQLSchema, ask: Callable[..., Any]) -> None:
    plans = schema.extensions["engine"] = Plans(max_operations=1)
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            ask("{ o { i } }")
        (dropped,) = prepared(plans)
        (selection,) = dropped.plans.values()
        (builder,) = selection.builders.values()
        parts = [weakref.ref(part) for part in (dropped, selection, builder, builder.build, selection.plain)]
        del dropped, selection, builder
        ask("{ o { s } }")
        assert [part() for part in parts] == [None] * len(parts)
    finally:
        gc.enable()


def test_the_least_recently_used_operation_is_dropped(schema: GraphQLSchema, ask: Callable[..., Any]) -> None:
    plans = schema.extensions["engine"] = Plans(max_operations=2)
    first, second, third = (parse(text) for text in ("{ i }", "{ s }", "{ o { i } }"))
    for document in (first, second, first, third, first):
        ask(document)
    assert plans.compiled == 3
    ask(second)
    assert (plans.compiled, len(plans)) == (4, 2)


def test_plans_live_as_long_as_their_schema() -> None:
    schema = build_schema("type Query { i: Int }")
    engine.execute(schema, parse("{ i }"), root_value=ROOT)
    ours = weakref.ref(plans_of(schema))
    other = build_schema("type Query { i: Int }")
    assert plans_of(other) is not ours()
    del schema
    gc.collect()
    assert ours() is None


def test_an_equal_document_that_is_parsed_again_has_the_same_plan(
    schema: GraphQLSchema, ask: Callable[..., Any]
) -> None:
    text = "query A { ...F } query B { o { i } } fragment F on Query { s }"
    for _ in range(3):
        assert ask(text.replace("query B { o { i } }", "")) == {"s": "a"}
    assert plans_of(schema).compiled == 1
    for _ in range(2):
        for name, data in (("A", {"s": "a"}), ("B", {"o": {"i": 2}})):
            result: Any = engine.execute(schema, parse(text), root_value=ROOT, operation_name=name)
            assert result.data == data
    assert plans_of(schema).compiled == 3


def test_an_equal_document_is_compared_once(
    schema: GraphQLSchema, ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    compared, is_for = list[object](), PreparedOperation.is_for

    def compare(self: PreparedOperation, executor: Any) -> bool:
        compared.append(executor)
        return is_for(self, executor)

    monkeypatch.setattr(PreparedOperation, "is_for", compare)
    ask("{ i }")
    again = parse("{ i }")
    for _ in range(3):
        assert ask(again) == {"i": 1}
    assert len(compared) == 1
    assert (len(plans_of(schema)), plans_of(schema).compiled) == (1, 1)
    plans_of(schema).forget(again)
    assert len(plans_of(schema)) == 0


def test_a_document_without_locations_is_known_by_its_nodes_alone(
    schema: GraphQLSchema, ask: Callable[..., Any]
) -> None:
    document = parse("{ i }", no_location=True)
    assert [ask(document), ask(document)] == [{"i": 1}] * 2
    assert plans_of(schema).compiled == 1
    assert ask(parse("{ s }", no_location=True)) == {"s": "a"}
    assert plans_of(schema).compiled == 2


def renamed(document: DocumentNode, old: str, new: str) -> DocumentNode:
    """Returns a document with the same source and another first field."""
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    field: Any = operation.selection_set.selections[0]
    assert field.name.value == old
    selections = (replace(field, name=replace(field.name, value=new)), *operation.selection_set.selections[1:])
    edited = replace(operation, selection_set=replace(operation.selection_set, selections=selections))
    return replace(document, definitions=(edited,))


def test_an_edited_document_with_the_same_source_has_a_plan_of_its_own(ask: Callable[..., Any]) -> None:
    document = parse("{ i }")
    edited = renamed(document, "i", "s")
    for _ in range(2):
        assert [ask(document), ask(edited), ask("{ i }")] == [{"i": 1}, {"s": "a"}, {"i": 1}]
    assert document.loc == edited.loc


def test_an_edited_fragment_makes_another_plan(schema: GraphQLSchema, ask: Callable[..., Any]) -> None:
    text = "{ ...F } fragment F on Query { i }"
    document = parse(text)
    operation, fragment = document.definitions
    other: Any = parse("{ ...F } fragment F on Query { s }").definitions[1]
    assert ask(document) == {"i": 1}
    assert ask(replace(document, definitions=(operation, other))) == {"s": "a"}
    assert ask(replace(document, definitions=(operation, fragment))) == {"i": 1}
    assert plans_of(schema).compiled == 2


CONDITIONAL = (
    "query ($a: Boolean!, $b: Boolean = true) { i @skip(if: $a) ...F } fragment F on Query { s @include(if: $b) }"
)


def test_each_combination_of_conditions_has_a_plan(schema: GraphQLSchema, ask: Callable[..., Any]) -> None:
    document = parse(CONDITIONAL)
    for _ in range(2):
        assert ask(document, a=False) == {"i": 1, "s": "a"}
        assert ask(document, a=True) == {"s": "a"}
        assert ask(document, a=False, b=False) == {"i": 1}
        assert ask(document, a=True, b=False) == {}
        assert ask(document, a=False, b=True) == {"i": 1, "s": "a"}
    assert plans_of(schema).compiled == 1
    (only,) = prepared(plans_of(schema))
    assert len(only.plans) == 4


def test_the_plans_of_an_operation_are_limited(schema: GraphQLSchema, ask: Callable[..., Any]) -> None:
    names = [f"v{number}" for number in range(MAX_CONDITION_VARIANTS.bit_length() + 1)]
    variables = ", ".join(f"${name}: Boolean!" for name in names)
    document = parse(f"query ({variables}) {{ {' '.join(f'{name}: i @include(if: ${name})' for name in names)} }}")
    max_plans = 0
    for bits in range(2 ** len(names)):
        values = {name: bool(bits >> place & 1) for place, name in enumerate(names)}
        assert ask(document, **values) == {name: 1 for name in names if values[name]}
        max_plans = max(max_plans, len(prepared(plans_of(schema))[0].plans))
    assert max_plans == MAX_CONDITION_VARIANTS


def test_an_operation_that_is_parsed_anew_each_time_is_not_dropped_for_others(
    schema: GraphQLSchema, ask: Callable[..., Any]
) -> None:
    plans = schema.extensions["engine"] = Plans(max_operations=2)
    for alias in ("a", "b", "c"):
        ask("{ i }")
        ask(f"{{ {alias}: i }}")
    assert plans.compiled == 4
