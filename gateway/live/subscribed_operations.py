"""Keeps the operation of subscriptions once for all subscribers with the same document and variables."""

from collections.abc import Iterator
from typing import Any
from weakref import WeakValueDictionary

import orjson
from graphql import (
    SKIP,
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    get_named_type,
    is_leaf_type,
    visit,
)
from graphql.execution import Executor

from engine.declarations import Column, Derived, Level, declaration
from gateway.execution.spending import Spending
from loaders import SHARED

_PUBLIC = frozenset({"Post", "Comment", "User"})
"""Types that viewers without blocks see alike."""


class SubscribedOperation:
    """The executor of an operation, what an event may cost, and whether viewers without blocks get the same results."""

    __slots__ = ("__weakref__", "executor", "is_shareable", "spending")

    def __init__(self, executor: Executor[Any], spending: Spending, *, is_shareable: bool) -> None:
        self.executor = executor
        self.spending = spending
        self.is_shareable = is_shareable


class SubscribedOperations:
    """The operations that subscribers use at the moment.

    Variables of the root field, such as the cursor, do not affect results, so subscribers may differ in them.
    """

    def __init__(self) -> None:
        self._subscribed: WeakValueDictionary[tuple[str, str, bytes, bool], SubscribedOperation] = WeakValueDictionary()

    def get(self, executor: Executor[Any], spending: Spending) -> SubscribedOperation:
        """Returns the operation that equal subscribers share. The executor is that of this subscriber."""
        operation, names = spending.operation, _result_variables(executor)
        variables = {name: value for name, value in operation.variables.items() if name in names}
        written = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
        key = (operation.document.hash, operation.name, written, operation.reports_cost)
        subscribed = self._subscribed.get(key)
        if subscribed is None:
            executor.context_value = None
            subscribed = SubscribedOperation(executor, spending, is_shareable=_is_shareable(executor))
            self._subscribed[key] = subscribed
        return subscribed


def _parts(executor: Executor[Any]) -> Iterator[OperationDefinitionNode | FragmentDefinitionNode]:
    """Returns the definitions that the operation may use."""
    yield executor.operation
    for fragment in executor.fragments.values():
        yield fragment.definition


def _result_variables(executor: Executor[Any]) -> set[str]:
    """Returns the variables that affect the results: all but those that only the root field uses."""
    root, found = executor.schema.subscription_type, set[str]()
    for part in _parts(executor):
        is_root = isinstance(part, OperationDefinitionNode) or (
            root is not None and part.type_condition.name.value == root.name
        )
        visit(part.selection_set, _VariableNames(found, is_root=is_root))
    return found


class _VariableNames(Visitor):
    """Collects variables, but not those in arguments of root fields."""

    def __init__(self, found: set[str], *, is_root: bool) -> None:
        super().__init__()
        self._found = found
        self._is_root = is_root
        self._depth = 0

    def enter_field(self, *_arguments: Any) -> None:
        self._depth += 1

    def leave_field(self, *_arguments: Any) -> None:
        self._depth -= 1

    def enter_argument(self, _node: ArgumentNode, _key: Any, _parent: Any, _path: Any, ancestors: list[Any]) -> Any:
        is_of_root_field = self._is_root and self._depth == 1 and isinstance(ancestors[-1], FieldNode)
        return SKIP if is_of_root_field else None

    def enter_variable(self, node: VariableNode, *_arguments: Any) -> None:
        self._found.add(node.name.value)


def _is_shareable(executor: Executor[Any]) -> bool:
    """Returns whether no selected field depends on the viewer, apart from blocks. Other fields are read as declared."""
    types = TypeInfo(executor.schema)
    fields = _ViewerFields(types, executor.schema.subscription_type)
    document = DocumentNode(definitions=tuple(_parts(executor)))
    visit(document, TypeInfoVisitor(types, fields))
    return not fields.found


class _ViewerFields(Visitor):
    """Finds fields that may depend on the viewer."""

    def __init__(self, types: TypeInfo, root: GraphQLObjectType | None) -> None:
        super().__init__()
        self._types = types
        self._root = root
        self.found = False

    def enter_field(self, node: FieldNode, *_arguments: Any) -> None:
        field = self._types.get_field_def()
        if node.name.value == "__typename" or self._types.get_parent_type() is self._root:
            return
        declared = declaration(field) if field is not None else None
        if isinstance(declared, Level) and field is not None:
            kind = get_named_type(field.type)  # pyright: ignore[reportUnknownArgumentType] - lists' items are not typed
            self.found |= declared.loader not in SHARED or not (is_leaf_type(kind) or kind.name in _PUBLIC)
        else:
            self.found |= not isinstance(declared, Column | Derived)
