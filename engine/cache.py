"""Compiled plans, kept with the schema they are for."""

from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.execution import default_field_resolver
from graphql.pyutils import Undefined

from engine.declarations import EXTENSION
from engine.graphql_core import AnyExecutor
from engine.plan import Selection, root_selection
from engine.survey import DEEPEST, Survey

_SWITCHES = {bool, type(None), type(Undefined)}

MOST_OPERATIONS = 512
MOST_CHARACTERS = 2 * 1024 * 1024
"""Of their documents, each of which takes some hundred bytes; plans count as characters, too."""
CHARACTERS_OF_A_FIELD = 20
"""In a plan, which weighs twice its document at least."""
MOST_SWITCHINGS = 16


class Prepared:
    """What is known of an operation before it runs: its switches, whether it can be compiled, and its plans."""

    def __init__(self, executor: AnyExecutor, grown: Callable[[int], None] | None = None) -> None:
        self.identity = _identity(executor)
        self._grown = grown or _ignore
        """Is told by how many characters, of those that `Plans` count."""
        self.operation = executor.operation
        self.fragments = executor.fragment_definitions
        self.reason: str | None = None
        self.switches: tuple[str, ...] = ()
        self.plans: dict[tuple[Any, ...], Selection] = {}
        survey = Survey(self.fragments)
        try:
            deepest = survey.depth(self.operation.selection_set)
        except RecursionError:
            deepest = DEEPEST + 1
        self.switches = tuple(survey.switches)
        self._length = len(self.operation.loc.source.body) if self.operation.loc and self.operation.loc.source else 0
        self._fields = 0 if deepest > DEEPEST else survey.fields(self.operation.selection_set)
        if deepest > DEEPEST:
            self.reason = "depth"
        elif survey.incremental:
            self.reason = "incremental delivery"
        elif any(fragment.variable_definitions for fragment in self.fragments.values()):
            self.reason = "fragment variables"

    def is_for(self, executor: AnyExecutor) -> bool:
        """Whether it was made from an equal document, positions included."""
        return self.operation == executor.operation and self.fragments == executor.fragment_definitions

    def plan(self, executor: AnyExecutor) -> Selection:
        """What is selected of the root. `GraphQLError` or `LookupError` where graphql-core has to say what is wrong."""
        coerced = executor.variable_values.coerced
        switched = [coerced.get(name, Undefined) for name in self.switches]
        if not set(map(type, switched)) <= _SWITCHES:
            raise LookupError(self.switches)
        key = (executor.field_resolver is default_field_resolver, *switched)
        found = self.plans.get(key)
        if found is None:
            root_type = executor.schema.get_root_type(self.operation.operation)
            if root_type is None:
                raise LookupError(self.operation.operation.value)
            found = root_selection(executor, root_type)
            before = self.characters
            if len(self.plans) >= MOST_SWITCHINGS:
                self.plans.clear()
            self.plans[key] = found
            self._grown(self.characters - before)
        return found

    def drop(self) -> None:
        """It may still run, but what it grows by is counted no more."""
        self._grown = _ignore

    @property
    def characters(self) -> int:
        """Of its document, and as many as weigh what its plans do."""
        return self._length + len(self.plans) * max(2 * self._length, CHARACTERS_OF_A_FIELD * self._fields)


class Plans:
    """The plans of one schema: of the operations that were used last, at most so many, with so many characters."""

    def __init__(self, most: int = MOST_OPERATIONS, characters: int = MOST_CHARACTERS) -> None:
        self.most = most
        self._left = characters
        self.compiled = 0
        self.handed_over: Counter[str] = Counter()
        """Executions left to graphql-core, by reason."""
        self._by_identity: OrderedDict[tuple[int, ...], Prepared] = OrderedDict()
        self._by_text: dict[str, Prepared] = {}

    def __len__(self) -> int:
        return len(self._by_identity)

    def prepared(self, executor: AnyExecutor) -> Prepared:
        identity = _identity(executor)
        found = self._by_identity.get(identity)
        if found is not None:
            self._by_identity.move_to_end(identity)
            return found
        text = _text(executor.operation)
        if text is not None:
            found = self._by_text.get(text)
            if found is not None and found.is_for(executor):
                self._by_identity.move_to_end(found.identity)
                return found
        return self._add(text, Prepared(executor, self._grow))

    def _add(self, text: str | None, prepared: Prepared) -> Prepared:
        self.compiled += 1
        self._by_identity[prepared.identity] = prepared
        if text is not None:
            self._by_text[text] = prepared
        self._grow(prepared.characters)
        return prepared

    def clear(self) -> None:
        """Drops all plans."""
        while self._by_identity:
            self._drop(self._by_identity.popitem(last=False)[1])

    def forget(self, document: DocumentNode) -> None:
        """Drops the plans of a document that is not remembered any more."""
        definitions = document.definitions
        fragments = [id(node) for node in definitions if isinstance(node, FragmentDefinitionNode)]
        for node in definitions:
            if isinstance(node, OperationDefinitionNode):
                found = self._by_identity.pop((id(node), *fragments), None)
                if found is not None:
                    self._drop(found)

    def _grow(self, characters: int) -> None:
        """Drops what was used least recently while there is too much, but never the last, which runs."""
        self._left -= characters
        while len(self._by_identity) > self.most or (self._left < 0 and len(self._by_identity) > 1):
            _, dropped = self._by_identity.popitem(last=False)
            self._drop(dropped)

    def _drop(self, dropped: Prepared) -> None:
        self._left += dropped.characters
        dropped.drop()
        text = _text(dropped.operation)
        if text is not None and self._by_text.get(text) is dropped:
            del self._by_text[text]


def _ignore(_characters: int) -> None:
    """Counts nothing, for an operation that is not kept."""


def _identity(executor: AnyExecutor) -> tuple[int, ...]:
    """Of nodes that do not change; whoever has one of these keeps the nodes."""
    return (id(executor.operation), *map(id, executor.fragment_definitions.values()))


def _text(operation: OperationDefinitionNode) -> str | None:
    """The source of the document, and which of its operations this is."""
    location = operation.loc
    return f"{location.start} {location.source.body}" if location and location.source else None


def plans_of(schema: GraphQLSchema) -> Plans:
    """The schema's plans, which live as long as it does."""
    found: Plans | None = schema.extensions.get(EXTENSION)
    return schema.extensions.setdefault(EXTENSION, Plans()) if found is None else found
