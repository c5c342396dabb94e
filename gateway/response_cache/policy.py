"""The cache policy of an operation: the strictest one of the types and fields that it selects."""

from collections.abc import Iterable, Iterator, Sequence
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

_DEFAULT = "default"
_STRICTNESS = {CacheScope.PUBLIC: 0, CacheScope.VIEWER: 1, CacheScope.NONE: 2}


class PolicyValue(NamedTuple):
    """A value of a policy, and the coordinate of the part that decides it: `Post`, `Query.search`."""

    value: Any
    part: str


class CachePolicy(NamedTuple):
    """Says for whom and for how many seconds a response may be stored.

    Responses with the scope PUBLIC are shared by requests without a signed-in user alone. Those of signed-in users are
    stored for each of them, as with VIEWER.
    """

    scope: PolicyValue
    """A `CacheScope`."""
    max_age: PolicyValue
    stale_while_revalidate: PolicyValue
    """The seconds after `max_age` for which the response may be sent once more while it is renewed."""
    max_stale: Sequence[PolicyValue]
    """The values that may differ from the current ones, and the seconds since their change."""

    @property
    def is_stored(self) -> bool:
        """Returns whether a response may be stored. One without any field of the schema is not worth it."""
        return self.scope.value is not CacheScope.NONE and self.max_age.value > 0 and self.scope.part != _DEFAULT


def operation_policy(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> CachePolicy:
    """Returns the policy of an operation of a valid document. Only queries are stored.

    Fields that are selected on an interface or a union count as they are declared there, whatever types may occur:
    without a signed-in user, objects of private types are null.
    """
    if operation.operation is not OperationType.QUERY:
        never = PolicyValue(0, operation.operation.value)
        return CachePolicy(PolicyValue(CacheScope.NONE, operation.operation.value), never, never, ())
    controls = list(_controls(schema, document, operation))
    scopes = [PolicyValue(control.scope, part) for part, control in controls if control.scope]
    return CachePolicy(
        max(scopes, key=lambda value: _STRICTNESS[value.value], default=PolicyValue(CacheScope.PUBLIC, _DEFAULT)),
        _shortest(controls, "max_age", DEFAULT_MAX_AGE),
        _shortest(controls, "stale_while_revalidate", None),
        sorted({PolicyValue(control.max_stale, part) for part, control in controls if control.max_stale}),
    )


def _shortest(controls: Iterable[tuple[str, CacheControl]], argument: str, maximum: int | None) -> PolicyValue:
    """Returns the fewest seconds that a part declares, up to a maximum; 0 if there is neither."""
    declared = [PolicyValue(getattr(control, argument), part) for part, control in controls]
    found = [value for value in declared if isinstance(value.value, int)]
    if maximum is not None:
        found.append(PolicyValue(maximum, _DEFAULT))
    return min(found, key=lambda value: value.value, default=PolicyValue(0, _DEFAULT))


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
        if parent is self._root:
            control = _of_root(control)
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


def _of_root(control: CacheControl | None) -> CacheControl:
    """Returns the directive of a root field with its defaults: one viewer, and never stale."""
    given = control or CacheControl()
    return CacheControl(
        max_age=given.max_age,
        max_stale=given.max_stale,
        scope=given.scope or CacheScope.VIEWER,
        stale_while_revalidate=given.stale_while_revalidate or 0,
    )


def _control(owner: Any) -> CacheControl | None:
    """Returns the directive of a field or type of a Strawberry schema, or None."""
    definition = owner.extensions.get("strawberry-definition")
    directives = getattr(definition, "directives", None) or ()
    return next((directive for directive in directives if isinstance(directive, CacheControl)), None)
