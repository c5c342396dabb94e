"""Generator of documents that are valid against a schema, and of their variables."""

from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_leaf_type,
)
from graphql.utilities import do_types_overlap

from tests.engine.support.chance import Chance
from tests.engine.support.variables import Literals, Used, Variable

_INTROSPECTION = (
    '__type(name: "{0}") {{ name kind fields {{ name type {{ kind ofType {{ name }} }} args {{ defaultValue }} }} }}',
    '__type(name: "{0}") {{ __typename possibleTypes {{ name }} enumValues {{ name }} inputFields {{ name }} }}',
    "__schema {{ queryType {{ name }} mutationType {{ kind name }} types {{ name }} directives {{ name }} }}",
)


@dataclass(frozen=True)
class Request:
    """A GraphQL request of a client."""

    text: str
    variables: dict[str, Any]
    operation_name: str | None


class Writer:
    """Writes one document."""

    def __init__(self, chance: Chance, schema: GraphQLSchema, size: int) -> None:
        self.chance, self.schema = chance, schema
        self.budget = 6 + size * 4
        self.max_depth = 2 + min(size, 6) // 2
        self.literals = Literals(chance)
        self.bound: dict[str, str] = {}
        self.fragments: dict[str, tuple[Any, str, Used]] = {}
        self.composite = [
            type_
            for name, type_ in schema.type_map.items()
            if is_composite_type(type_)
            and not name.startswith("__")
            and name not in ("Query", "Mutation", "Subscription")
        ]
        self.directives = chance.pick((0.0, 0.05, 0.2))

    def fragment(self) -> None:
        """Adds a named fragment, which may spread earlier ones."""
        chance, name = self.chance, f"F{len(self.fragments)}"
        possible = [type_ for type_ in self.composite if do_types_overlap(self.schema, type_, type_)]  # type: ignore[arg-type]
        type_ = chance.pick([*possible, self.schema.query_type])
        self.budget += 4
        used = Used()
        body = self.selections(type_, 2, used)
        self.fragments[name] = type_, f"fragment {name} on {type_} {body}", used

    def selections(self, type_: Any, depth: int, used: Used, *, exactly: int = 0) -> str:
        chance = self.chance
        count = exactly or chance.between(1, 5 if depth > 1 else 3)
        selections = [self.selection(type_, depth, used) for _ in range(count)]
        if not exactly and chance.happens(0.1):
            selections.append(chance.pick(selections))
        return f"{{ {' '.join(selections)} }}"

    def selection(self, type_: Any, depth: int, used: Used) -> str:
        chance = self.chance
        self.budget -= 1
        kind = chance.below(100)
        if kind < 10 and depth > 0:
            return self.inline(type_, depth, used)
        if kind < 22:
            spread = self.spread(type_, used)
            if spread:
                return spread
        if kind < 28 or isinstance(type_, GraphQLUnionType):
            if isinstance(type_, GraphQLUnionType) and depth > 0 and chance.happens(0.7):
                return self.inline(type_, depth, used)
            return f"{chance.pick(['', '', self.key('t', '__typename')])}__typename{self.directive(used)}"
        if type_ is self.schema.query_type and kind < 32:
            return self.introspection()
        return self.field(type_, depth, used)

    def introspection(self) -> str:
        text = self.chance.pick(_INTROSPECTION).format(self.chance.pick([*self.schema.type_map, "Nope"]))
        return self.key("i", text) + text

    def inline(self, type_: Any, depth: int, used: Used) -> str:
        """Returns an inline fragment on the type itself or on a type that overlaps with it."""
        chance = self.chance
        if chance.happens(0.3):
            return f"...{self.directive(used, 0.3)} {self.selections(type_, depth - 1, used)}"
        options = [other for other in self.composite if do_types_overlap(self.schema, type_, other)]  # type: ignore[arg-type]
        other = chance.pick([*options, type_] if do_types_overlap(self.schema, type_, type_) else [type_])
        return f"... on {other}{self.directive(used)} {self.selections(other, depth - 1, used)}"

    def spread(self, type_: Any, used: Used) -> str:
        options = [name for name, (on, _, _) in self.fragments.items() if do_types_overlap(self.schema, type_, on)]
        if not options:
            return ""
        name = self.chance.pick(options)
        used.fragments.add(name)
        return f"...{name}{self.directive(used)}"

    def key(self, wish: str, meaning: str) -> str:
        """Returns an alias with its colon, which no other field of the document uses."""
        for name in (wish, f"{wish}a", f"{wish}b", f"{wish}c"):
            if self.bound.setdefault(name, meaning) == meaning:
                return f"{name}: "
        return self.key(f"{wish}z", meaning)

    def field(
        self, type_: GraphQLObjectType | GraphQLInterfaceType, depth: int, used: Used, *, plain: bool = False
    ) -> str:
        chance = self.chance
        fields = type_.fields
        names = [name for name, field in fields.items() if is_leaf_type(get_named_type(field.type))]
        if not names or (depth > 0 and self.budget > 0 and chance.happens(0.8)):
            names = list(fields)
        name = chance.pick(names)
        field = fields[name]
        args = self.literals.arguments(field.args, used) if field.args else ""
        meaning = f"{name}{args}{field.type}"
        wish = chance.pick((name, name, name, "a", "b"))
        alias = self.key(wish, meaning)
        head = f"{'' if alias == f'{name}: ' else alias}{name}{args}{'' if plain else self.directive(used)}"
        of = get_named_type(field.type)
        if is_leaf_type(of):
            return head
        if depth <= 0 or self.budget <= 0:
            return f"{head} {{ __typename }}"
        return f"{head} {self.selections(of, depth - 1, used)}"

    def directive(self, used: Used, share: float = 0.0) -> str:
        """Returns `@skip` or `@include` or both, or an empty string."""
        chance = self.chance
        if not chance.happens(max(share, self.directives)):
            return ""
        names = chance.pick((["skip"], ["include"], ["include"], ["skip", "include"]))
        return "".join(f" @{name}(if: {self.condition(name, used)})" for name in names)

    def condition(self, name: str, used: Used) -> str:
        chance = self.chance
        if chance.happens(0.5):
            return "true" if chance.happens(0.7) is (name == "include") else "false"
        variable = f"b{chance.below(3)}"
        kinds: dict[str, tuple[Any, str | None]] = {
            "b0": (GraphQLNonNull(GraphQLBoolean), None),
            "b1": (GraphQLBoolean, "true"),
            "b2": (GraphQLNonNull(GraphQLBoolean), "false"),
        }
        self.literals.variables.setdefault(variable, Variable(variable, *kinds[variable]))
        used.variables.add(variable)
        return f"${variable}"

    def closure(self, used: Used) -> Used:
        """Returns all variables and fragments that are used, directly or through fragments."""
        closure = Used(set(used.variables), set())
        stack = list(used.fragments)
        while stack:
            name = stack.pop()
            if name not in closure.fragments:
                closure.fragments.add(name)
                inner = self.fragments[name][2]
                closure.variables |= inner.variables
                stack.extend(inner.fragments)
        return closure

    def operation(self, kind: str, name: str) -> tuple[str, Used]:
        root: Any = self.schema.type_map[kind.title()]
        used = Used()
        if kind == "subscription":
            # Validation allows neither a second field nor a condition on it.
            text = f"{{ {self.field(root, self.max_depth, used, plain=True)} }}"
        else:
            text = self.selections(root, self.max_depth, used, exactly=self.chance.between(1, 6))
        closure = self.closure(used)
        known = self.literals.variables
        declared = ", ".join(str(known[variable]) for variable in sorted(closure.variables))
        head = f"{kind} {name}{f'({declared})' if declared else ''}"
        return f"{head} {text}", closure


def build_request(seed: int, schema: GraphQLSchema, size: int, kinds: tuple[str, ...]) -> Request:
    """Returns a request whose document has one or more operations of these kinds."""
    chance = Chance(seed, "document")
    writer = Writer(chance, schema, size)
    for _ in range(chance.pick((0, 0, 1, 2, 3))):
        writer.fragment()
    count = chance.pick((1, 1, 1, 1, 2, 3))
    operations = [writer.operation(chance.pick(kinds), f"Op{number}") for number in range(count)]
    spread = set[str]().union(*(used.fragments for _, used in operations))
    parts = [text for text, _ in operations] + [writer.fragments[name][1] for name in sorted(spread)]
    name = None if count == 1 and chance.happens(0.6) else f"Op{chance.below(count)}"
    if chance.happens(0.01):
        name = chance.pick((None, "Nope"))
    at = chance.below(len(parts))
    text = "\n".join([*parts[at:], *parts[:at]])
    return Request(text, writer.literals.values(sloppy=chance.happens(0.06)), name)
