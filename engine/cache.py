"""The cache of compiled plans, which belongs to a schema."""

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

from engine.analysis import MAX_DEPTH, OperationAnalysis
from engine.declarations import EXTENSION
from engine.graphql_core import AnyExecutor
from engine.plan import Selection, root_selection

_CONDITION_TYPES = {bool, type(None), type(Undefined)}

MAX_OPERATIONS = 512
"""Maximum operations with plans."""
MAX_CHARACTERS = 2 * 1024 * 1024
"""Maximum characters of all documents, plus the weight of their plans. A character takes some hundred bytes."""
CHARACTERS_PER_FIELD = 20
"""Weight of a field of a plan, in characters. A plan weighs at least twice as much as its document."""
MAX_CONDITION_VARIANTS = 16
"""Maximum plans of one operation: one per combination of values of its `@skip` and `@include` variables."""


class PreparedOperation:
    """An operation with its plans, or the reason why graphql-core has to execute it.

    `on_growth` is called with the number of characters by which the plans grow.
    """

    def __init__(self, executor: AnyExecutor, on_growth: Callable[[int], None] | None = None) -> None:
        self.identity = _identity(executor)
        self._on_growth = on_growth or _ignore
        self.operation = executor.operation
        self.fragments = executor.fragment_definitions
        self.reason: str | None = None
        self.condition_variables: tuple[str, ...] = ()
        self.plans: dict[tuple[Any, ...], Selection] = {}
        analysis = OperationAnalysis(self.fragments)
        try:
            depth = analysis.depth(self.operation.selection_set)
        except RecursionError:
            depth = MAX_DEPTH + 1
        self.condition_variables = tuple(analysis.condition_variables)
        self._length = len(self.operation.loc.source.body) if self.operation.loc and self.operation.loc.source else 0
        self._fields = 0 if depth > MAX_DEPTH else analysis.fields(self.operation.selection_set)
        if depth > MAX_DEPTH:
            self.reason = "depth"
        elif analysis.incremental:
            self.reason = "incremental delivery"
        elif any(fragment.variable_definitions for fragment in self.fragments.values()):
            self.reason = "fragment variables"

    def is_for(self, executor: AnyExecutor) -> bool:
        """Returns whether the executor's document equals the one that was prepared, source positions included."""
        return self.operation == executor.operation and self.fragments == executor.fragment_definitions

    def adopt(self, executor: AnyExecutor) -> None:
        """Takes the nodes of an executor's document, which equals the one that was prepared."""
        self.identity = _identity(executor)
        self.operation = executor.operation
        self.fragments = executor.fragment_definitions

    def plan(self, executor: AnyExecutor) -> Selection:
        """Returns the selection of the root type.

        Raises `GraphQLError` or `LookupError` if the operation is invalid; graphql-core then reports the error.
        """
        key: tuple[Any, ...] = (executor.field_resolver is default_field_resolver,)
        if self.condition_variables:
            coerced = executor.variable_values.coerced
            conditions = [coerced.get(name, Undefined) for name in self.condition_variables]
            if not set(map(type, conditions)) <= _CONDITION_TYPES:
                raise LookupError(self.condition_variables)
            key += tuple(conditions)
        root = self.plans.get(key)
        if root is None:
            root_type = executor.schema.get_root_type(self.operation.operation)
            if root_type is None:
                raise LookupError(self.operation.operation.value)
            root = root_selection(executor, root_type)
            before = self.characters
            if len(self.plans) >= MAX_CONDITION_VARIANTS:
                self.plans.clear()
            self.plans[key] = root
            self._on_growth(self.characters - before)
        return root

    def drop(self) -> None:
        """Stops counting growth. The operation may still be executing."""
        self._on_growth = _ignore

    @property
    def characters(self) -> int:
        """Returns the characters of the document plus the weight of its plans."""
        return self._length + len(self.plans) * max(2 * self._length, CHARACTERS_PER_FIELD * self._fields)


class Plans:
    """The plans of one schema, as an LRU cache that is limited by operations and by characters."""

    def __init__(self, max_operations: int = MAX_OPERATIONS, max_characters: int = MAX_CHARACTERS) -> None:
        self.max_operations = max_operations
        self._characters_left = max_characters
        self.compiled = 0
        """Number of operations that were prepared."""
        self.delegated: Counter[str] = Counter()
        """Number of executions that were delegated to graphql-core, by reason."""
        self._by_identity: OrderedDict[tuple[int, ...], PreparedOperation] = OrderedDict()
        self._by_text: dict[str, PreparedOperation] = {}

    def __len__(self) -> int:
        return len(self._by_identity)

    def prepared(self, executor: AnyExecutor) -> PreparedOperation:
        """Returns the executor's operation from the cache, or prepares and adds it.

        The nodes of a document are compared only once. If they equal those of an earlier one, they replace them.
        """
        identity = _identity(executor)
        prepared = self._by_identity.get(identity)
        if prepared is not None:
            self._by_identity.move_to_end(identity)
            return prepared
        text = _text(executor.operation)
        if text is not None:
            prepared = self._by_text.get(text)
            if prepared is not None and prepared.is_for(executor):
                del self._by_identity[prepared.identity]
                prepared.adopt(executor)
                self._by_identity[prepared.identity] = prepared
                return prepared
        return self._add(text, PreparedOperation(executor, self._grow))

    def _add(self, text: str | None, prepared: PreparedOperation) -> PreparedOperation:
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
        """Drops the plans of a document that the caller has removed from its own cache."""
        definitions = document.definitions
        fragments = [id(node) for node in definitions if isinstance(node, FragmentDefinitionNode)]
        for node in definitions:
            if isinstance(node, OperationDefinitionNode):
                prepared = self._by_identity.pop((id(node), *fragments), None)
                if prepared is not None:
                    self._drop(prepared)

    def _grow(self, characters: int) -> None:
        """Drops the least recently used operations until the limits hold.

        The most recent operation always stays, because it is executing.
        """
        self._characters_left -= characters
        while len(self._by_identity) > self.max_operations or (
            self._characters_left < 0 and len(self._by_identity) > 1
        ):
            _, dropped = self._by_identity.popitem(last=False)
            self._drop(dropped)

    def _drop(self, dropped: PreparedOperation) -> None:
        self._characters_left += dropped.characters
        dropped.drop()
        text = _text(dropped.operation)
        if text is not None and self._by_text.get(text) is dropped:
            del self._by_text[text]


def _ignore(_characters: int) -> None:
    """Ignores the growth of an operation that is not in the cache."""


def _identity(executor: AnyExecutor) -> tuple[int, ...]:
    """Returns the ids of the operation's and the fragments' nodes.

    Ids are unique only while the nodes exist, so an entry of the cache also holds a reference to the nodes.
    """
    return (id(executor.operation), *map(id, executor.fragment_definitions.values()))


def _text(operation: OperationDefinitionNode) -> str | None:
    """Returns a key made of the document's source and the operation's offset in it, or None without a source."""
    location = operation.loc
    return f"{location.start} {location.source.body}" if location and location.source else None


def plans_of(schema: GraphQLSchema) -> Plans:
    """Returns the schema's plans, which live as long as the schema."""
    plans: Plans | None = schema.extensions.get(EXTENSION)
    return schema.extensions.setdefault(EXTENSION, Plans()) if plans is None else plans
