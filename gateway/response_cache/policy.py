"""The cache policy of an operation: the strictest one of the types and fields that it selects."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)

from schema.cache_control import CacheControl, CacheScope

DEFAULT_MAX_AGE = 60
"""The seconds for which a response is stored if no selected part has a shorter `maxAge`. No response lives longer."""

_STRICTNESS = {CacheScope.PUBLIC: 0, CacheScope.VIEWER: 1, CacheScope.NONE: 2}


class PolicyValue(NamedTuple):
    """A value of a policy, and the coordinate of the part that decides it: `Post`, `Query.search`."""

    value: Any
    part: str


class CachePolicy(NamedTuple):
    """Says for whom and for how many seconds a response may be stored."""

    scope: PolicyValue
    """A `CacheScope`."""
    max_age: PolicyValue
    stale_while_revalidate: PolicyValue

    @property
    def is_cached(self) -> bool:
        return self.scope.value is not CacheScope.NONE and self.max_age.value > 0


def operation_policy(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> CachePolicy:
    """Returns the policy of an operation of a valid document. Only queries are cached."""
    if operation.operation is not OperationType.QUERY:
        never = PolicyValue(0, operation.operation.value)
        return CachePolicy(PolicyValue(CacheScope.NONE, operation.operation.value), never, never)
    scope = PolicyValue(CacheScope.PUBLIC, "default")
    max_age = PolicyValue(DEFAULT_MAX_AGE, "default")
    revalidate: PolicyValue | None = None
    for part, control in _controls(schema, document, operation):
        if control.scope and _STRICTNESS[control.scope] > _STRICTNESS[scope.value]:
            scope = PolicyValue(control.scope, part)
        if isinstance(control.max_age, int) and control.max_age < max_age.value:
            max_age = PolicyValue(control.max_age, part)
        seconds = control.stale_while_revalidate
        if isinstance(seconds, int) and (revalidate is None or seconds < revalidate.value):
            revalidate = PolicyValue(seconds, part)
    return CachePolicy(scope, max_age, revalidate or PolicyValue(0, "default"))


_ROOT_DEFAULT = CacheControl(scope=CacheScope.VIEWER)


def _controls(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> Iterator[tuple[str, CacheControl]]:
    """Yields the directives of the selected parts, with their coordinates."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    todo: list[OperationDefinitionNode | FragmentDefinitionNode] = [operation]
    while todo:
        parts = _SelectedParts(schema)
        visit(todo.pop(), TypeInfoVisitor(parts.types, parts))
        yield from parts.found
        todo.extend(fragments.pop(name) for name in parts.spreads if name in fragments)


class _SelectedParts(Visitor):
    """Collects the directives of fields and types, and the names of spread fragments."""

    def __init__(self, schema: GraphQLSchema) -> None:
        super().__init__()
        self.types = TypeInfo(schema)
        self.found: list[tuple[str, CacheControl]] = []
        self.spreads: list[str] = []
        self._root = schema.query_type

    def enter_field(self, node: FieldNode, *_arguments: Any) -> None:
        field, parent = self.types.get_field_def(), self.types.get_parent_type()
        if field is None or parent is None or node.name.value == "__typename":
            return
        control = _control(field)
        if parent is self._root and (control is None or not control.scope):
            self.found.append((f"{parent.name}.{node.name.value}", _ROOT_DEFAULT))
        if control is not None:
            self.found.append((f"{parent.name}.{node.name.value}", control))
        self._note_type(get_named_type(field.type))  # pyright: ignore[reportUnknownArgumentType] - lists' items are not typed

    def enter_inline_fragment(self, _node: InlineFragmentNode, *_arguments: Any) -> None:
        self._note_type(self.types.get_type())

    def enter_fragment_definition(self, _node: FragmentDefinitionNode, *_arguments: Any) -> None:
        self._note_type(self.types.get_type())

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_arguments: Any) -> None:
        self.spreads.append(node.name.value)

    def _note_type(self, kind: Any) -> None:
        control = _control(kind) if isinstance(kind, GraphQLObjectType) else None
        if control is not None:
            self.found.append((kind.name, control))


def _control(owner: Any) -> CacheControl | None:
    """Returns the directive of a field or type of a Strawberry schema, or None."""
    definition = owner.extensions.get("strawberry-definition")
    directives = getattr(definition, "directives", None) or ()
    return next((directive for directive in directives if isinstance(directive, CacheControl)), None)
