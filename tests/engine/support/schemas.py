"""Generator of schemas. The world of a run determines what their resolvers do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    is_specified_scalar_type,
    print_type,
)

from tests.engine.support.chance import Chance
from tests.engine.support.inputs import LEAVES, arguments, input_types, wrapped
from tests.engine.support.kinds import is_hard, non_null
from tests.engine.support.resolvers import is_type_of, resolve_type, resolver, subscriber

_TYPE_RESOLVERS = ("default", "default", "sync", "async", "perhaps")
_PREDICATES = ("none", "none", "none", "sync", "perhaps", "async")


@dataclass(frozen=True)
class Signature:
    """The type and arguments of all fields with one name. So any two selections of the name can be merged."""

    type: Any
    args: dict[str, Any]


class Builder:
    """Builds one schema."""

    def __init__(self, chance: Chance, size: int, *, quiet: bool) -> None:
        self.chance = chance
        self.quiet = quiet
        self.inputs = input_types(chance)
        self.interfaces: list[GraphQLInterfaceType] = []
        self.objects: list[GraphQLObjectType] = []
        self.unions: list[GraphQLUnionType] = []
        self.hardness = chance.pick((0.0, 0.2, 0.45, 0.8))
        self._name(size)
        self.catalogue = {f"f{number}": self._signature() for number in range(5 + size)}

    def _name(self, size: int) -> None:
        """Creates the types; their fields are created later."""
        chance = self.chance
        for number in range(chance.below(2 + size // 3)):
            parents = chance.some(self.interfaces, chance.below(2))
            above = list(dict.fromkeys(one for parent in parents for one in (*parent.interfaces, parent)))
            self.interfaces.append(
                GraphQLInterfaceType(
                    f"I{number}",
                    self._fields(f"I{number}", above, chance.between(1, 2)),
                    interfaces=above,
                    resolve_type=resolve_type(chance.pick(_TYPE_RESOLVERS), f"I{number}", quiet=self.quiet),
                )
            )
        for number in range(2 + chance.below(1 + size // 2)):
            parents = chance.some(self.interfaces, chance.below(3))
            above = list(dict.fromkeys(one for parent in parents for one in (*parent.interfaces, parent)))
            self.objects.append(
                GraphQLObjectType(
                    f"T{number}",
                    self._fields(f"T{number}", above, chance.between(2, 5)),
                    interfaces=above,
                    is_type_of=is_type_of(chance.pick(_PREDICATES), f"T{number}", quiet=self.quiet),
                )
            )
        for number in range(chance.below(2 + size // 4)):
            self.unions.append(
                GraphQLUnionType(
                    f"U{number}",
                    chance.some(self.objects, chance.between(1, 3)),
                    resolve_type=resolve_type(chance.pick(_TYPE_RESOLVERS), f"U{number}", quiet=self.quiet),
                )
            )

    def _signature(self) -> Signature:
        chance = self.chance
        composite = chance.happens(0.5)
        of = chance.pick([*self.objects, *self.interfaces, *self.unions]) if composite else chance.pick(LEAVES)
        if composite and self.interfaces and chance.happens(0.3):
            of = chance.pick(self.interfaces)
        return Signature(wrapped(chance, of, self.hardness), arguments(chance, self.inputs))

    def _fields(
        self, owner: str, above: list[GraphQLInterfaceType], count: int, *, root: str = ""
    ) -> Callable[[], dict[str, GraphQLField]]:
        seed = self.chance.bits()

        def make() -> dict[str, GraphQLField]:
            chance = Chance(seed)
            inherited: dict[str, Any] = {}
            for name, field in (item for parent in above for item in parent.fields.items()):
                if name not in inherited or is_hard(field.type):
                    inherited[name] = field.type
            names = [*inherited, *chance.some([name for name in self.catalogue if name not in inherited], count)]
            return {name: self._field(chance, owner, name, inherited.get(name), root) for name in names}

        return make

    def _field(self, chance: Chance, owner: str, name: str, inherited: Any, root: str) -> GraphQLField:
        signature = self.catalogue[name]
        type_ = inherited if inherited is not None else signature.type
        if not is_hard(type_) and chance.happens(0.1):
            type_ = non_null(type_)
        if root and is_hard(type_) and chance.happens(0.75):
            type_ = type_.of_type
        kind = chance.pick(("default", "default", "default", "sync", "sync", "maybe", "async"))
        return GraphQLField(
            type_,
            args=signature.args,
            resolve=resolver(kind, owner, name, quiet=self.quiet),
            subscribe=subscriber(owner, name) if root == "subscription" and chance.happens(0.85) else None,
        )

    def root(self, name: str, root: str) -> GraphQLObjectType:
        return GraphQLObjectType(name, self._fields(name, [], self.chance.between(3, 7), root=root))

    def build(self) -> GraphQLSchema:
        return GraphQLSchema(
            query=self.root("Query", "query"),
            mutation=self.root("Mutation", "mutation"),
            subscription=self.root("Subscription", "subscription"),
            types=self.objects,
        )


def build_schema(seed: int, size: int, *, quiet: bool) -> GraphQLSchema:
    """Returns a schema. A quiet schema has no async functions."""
    return Builder(Chance(seed, "schema"), size, quiet=quiet).build()


def printed(schema: GraphQLSchema) -> str:
    """Returns the schema as SDL."""
    types = [
        type_
        for name, type_ in schema.type_map.items()
        if not name.startswith("__") and not is_specified_scalar_type(type_)
    ]
    return "\n\n".join(print_type(type_) for type_ in types)
