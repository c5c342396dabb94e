"""The world of one run, which determines the behaviour of every resolver.

The behaviour depends on the seed and on the field and source, not on the order of calls.
"""

from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from types import MappingProxyType
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema, Undefined

from tests.engine.support.chance import Chance
from tests.engine.support.kinds import is_abstract, is_enum, is_hard, is_leaf, is_list, nullable
from tests.engine.support.sources import (
    Items,
    Kid,
    Later,
    Stream,
    Thing,
    View,
    failure,
    generated,
    identity,
    later,
    streamed,
)

_GOOD: dict[str, list[Any]] = {
    "Int": [0, 7, -1, True, "12", 5.0],
    "Float": [0.5, 3, True, "2.5"],
    "String": ["a", "é", "", 5, True, 1.5],
    "Boolean": [True, False, 1, 0.0],
    "ID": ["x", 12, 1.0],
    "Fussy": ["ok", 1, "list", "dict"],
    "Json": [{"b": 1, "a": [None, 2.0]}, [1, True], "j", 1.0, {}],
}
_WRONG: list[Any] = ["words", 7, 1.5, True, 2**40, (1, "b"), {"a": 1}, b"bytes", float("inf"), "refused", "none",
                     "refused with code", "undefined", {}]  # fmt: skip


class World:
    """The context of a run, from which its resolvers obtain their behaviour."""

    def __init__(self, seed: int, schema: GraphQLSchema, *, quiet: bool) -> None:
        chance = Chance(seed, "world")
        self.seed, self.schema, self.quiet = seed, schema, quiet
        self.failing = chance.pick((0.0, 0.02, 0.06, 0.15))
        self.null = chance.pick((0.0, 0.05, 0.15))
        self.bad = chance.pick((0.0, 0.0, 0.02, 0.06))
        self.delay = 0.0 if quiet else chance.pick((0.0, 0.1, 0.4, 0.9))
        self.coroutines: list[Coroutine[Any, Any, Any]] = []
        self.log: list[tuple[str, Any]] = []
        self.calls = 0
        self.root_value: Any = None

    def chance(self, *place: object) -> Chance:
        return Chance(self.seed, *place)

    def enter(self, info: Any) -> None:
        """Records the call of a resolver. The root resolvers of a mutation must be called one after another."""
        self.calls += 1
        if info.operation.operation.value == "mutation":
            path = info.path
            while path.prev is not None:
                path = path.prev
            self.log.append(("begin" if path is info.path else "within", path.key))

    def resolve(self, owner: str, name: str, source: Any, info: Any, args: dict[str, Any]) -> Any:
        """Returns the result of a resolver, or raises."""
        chance = self.chance(owner, name, identity(source), args)
        if chance.happens(self.failing):
            raise failure(chance, f"{owner}.{name}", info)
        if str(info.return_type).startswith("String") and chance.happens(0.4):
            return self.echo(info, args)
        return self.value(info.return_type, chance, f"{owner}.{name}")

    def echo(self, info: Any, args: dict[str, Any]) -> str:
        """Returns everything that a resolver receives, as text."""
        received = (
            info.field_name, info.parent_type.name, str(info.return_type), info.path.as_list(), info.path.typename,
            [node.loc.start for node in info.field_nodes], sorted(info.fragments), info.operation.loc.start,
            info.variable_values.coerced, args, info.root_value is self.root_value, info.schema is self.schema,
        )  # fmt: skip
        return repr(received)

    def value(self, type_: Any, chance: Chance, at: str, eager: int = 0) -> Any:
        """Returns a value for the type: usually valid, sometimes null, invalid or an exception."""
        null = self.null
        if is_hard(type_):
            type_, null = type_.of_type, null / 6
        if chance.happens(null):
            return Undefined if chance.happens(0.1) else None
        if chance.happens(self.bad):
            return failure(chance, at, None) if chance.happens(0.4) else chance.pick(_WRONG)
        if is_list(type_):
            return self.items(type_.of_type, chance, at, eager)
        if is_leaf(type_):
            enum = is_enum(type_)
            return chance.pick([value.value for value in type_.values.values()] if enum else _GOOD[type_.name])
        possible = self.schema.get_possible_types(type_) if is_abstract(type_) else [type_]
        return self.source(chance.pick(possible), chance, eager) if possible else None

    def later(self, value: Any, chance: Chance) -> Any:
        """Returns an awaitable of the value. Half of the awaitables of an exception raise it."""
        naps = chance.pick((0, 0, 1, 2, 3))
        fails = isinstance(value, Exception) and chance.happens(0.5)
        fails = fails and not isinstance(value, StopIteration)  # PEP 479 would turn it into another one
        if chance.happens(0.25):
            return Later(value, naps, fails=fails)
        coroutine = later(value, naps, fails=fails)
        self.coroutines.append(coroutine)
        return coroutine

    def perhaps_later(self, value: Any, chance: Chance, share: float = 1.0) -> Any:
        return self.later(value, chance) if self.delay and chance.happens(self.delay * share) else value

    def items(self, of: Any, chance: Chance, at: str, eager: int) -> Any:
        """Returns an iterable of up to four values."""
        count = chance.pick((0, 1, 1, 2, 2, 4))
        values = [self.value(of, chance, at, eager) for _ in range(count)]
        if count and chance.happens(0.05) and not is_list(nullable(of)):
            values = values[:1] * count
        error = failure(chance, at, None) if chance.happens(self.failing + self.bad) else None
        # The value of a source's field may be iterated several times, so it must not be a generator.
        kind = chance.below(20) if not eager else chance.between(7, 19)
        slow = Chance(chance.bits())
        # The coroutines in a list are created with the list, those in a generator when the generator yields them.
        items: Iterable[Any] = (self.perhaps_later(value, slow, 0.4) for value in values)
        if not self.quiet and kind < 4:
            return streamed(items, chance.below(3), error) if kind else Stream(items, error)
        if kind < 7:
            return generated(items, error)
        if kind == 7:
            return Items(list(items), error) if error is None else Items([], error)
        return self._container(kind, list(items))

    @staticmethod
    def _container(kind: int, items: list[Any]) -> Any:
        if kind == 8:
            return deque(items)
        if kind == 9:
            return dict(enumerate(items)).values()
        return tuple(items) if kind < 12 else items

    def source(self, type_: GraphQLObjectType, chance: Chance, eager: int = 0) -> Any:
        """Returns an object of the type, with values for the fields without a resolver."""
        id_ = chance.bits()
        name: Any = type_.name
        if chance.happens(self.bad):
            name = chance.pick([None, "Nope", "Int", "Query", 5, *self.schema.type_map])
        values: dict[str, Any] = {"_id": id_, "_type": type_.name, "__typename": name}
        if chance.happens(0.1):
            del values["__typename"]
        raising: dict[str, Exception] = {}
        for field_name, field in type_.fields.items():
            if field.resolve is None:
                here = self.chance(type_.name, field_name, id_)
                if here.happens(self.failing):
                    raising[field_name] = failure(here, f"{type_.name}.{field_name}", None)
                elif here.happens(0.97):
                    values[field_name] = self.stored(type_.name, field_name, field.type, here, eager)
        return self._formed(chance.below(20), values, raising)

    @staticmethod
    def _formed(kind: int, values: dict[str, Any], raising: dict[str, Exception]) -> Any:
        if kind < 11:
            return {**values, **raising}
        if kind == 11:
            return MappingProxyType({**values, **raising})
        return View(values, raising) if kind == 12 else (Kid if kind < 15 else Thing)(values, raising)

    def root(self, name: str) -> Any:
        """Returns the root value for an operation."""
        return self.source(self.schema.type_map[name], self.chance("root", name))  # type: ignore[arg-type]

    def stored(self, owner: str, name: str, type_: Any, here: Chance, eager: int) -> Any:
        """Returns the value of a source's field: a plain value, or a callable."""
        if is_leaf(nullable(type_)) and here.happens(0.7):
            value = self.value(type_, here, f"{owner}.{name}")
            if self.delay and here.happens(self.delay * 0.2):
                return Later(value, here.below(3), fails=isinstance(value, Exception) and here.happens(0.5))
            return value
        if not self.delay and eager < 1 and here.happens(0.5):
            return self.value(type_, here, f"{owner}.{name}", 1)
        return self._callable(owner, name, here)

    def _callable(self, owner: str, name: str, here: Chance) -> Callable[..., Any]:
        seed = here.bits()
        if self.delay and here.happens(self.delay * 0.4):

            async def answer_later(info: Any, **args: Any) -> Any:
                self.enter(info)
                return self.resolve(owner, name, seed, info, args)

            return answer_later

        def answer(info: Any, **args: Any) -> Any:
            self.enter(info)
            return self.perhaps_later(self.resolve(owner, name, seed, info, args), Chance(seed))

        return answer
