"""Analysis of an operation before it is compiled: depth, field count, `@skip`/`@include` variables, `@defer`."""

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)

MAX_DEPTH = 80
"""Maximum levels of fields. Executing a level takes some frames of Python's stack, whose limit is 1,000."""


class OperationAnalysis:
    """Walks over an operation and visits each of its fragments once.

    `condition_variables` are the variables of `@skip` and `@include`, in document order. `incremental` is true if the
    operation contains `@defer` or `@stream`.
    """

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._depths: dict[str, int] = {}
        self._fields: dict[str, int] = {}
        self.condition_variables: dict[str, None] = {}
        self.incremental = False

    def depth(self, selection_set: SelectionSetNode) -> int:
        """Returns the number of levels of fields. Raises `RecursionError` if the nesting exceeds Python's stack."""
        deepest = 0
        for selection in selection_set.selections:
            self._note(selection)
            if isinstance(selection, FieldNode):
                depth = 1 + (self.depth(selection.selection_set) if selection.selection_set else 0)
            elif isinstance(selection, InlineFragmentNode):
                depth = self.depth(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                depth = self._fragment_depth(selection.name.value)
            else:
                depth = 0
            deepest = max(deepest, depth)
        return deepest

    def _fragment_depth(self, name: str) -> int:
        fragment = self._fragments.get(name)
        if fragment is None:
            return 0
        if name not in self._depths:
            self._depths[name] = MAX_DEPTH + 1
            self._depths[name] = self.depth(fragment.selection_set)
        return self._depths[name]

    def fields(self, selection_set: SelectionSetNode) -> int:
        """Returns the number of fields, those of a fragment once per spread.

        `depth` has to be called first: it detects fragments that contain themselves.
        """
        count = 0
        for selection in selection_set.selections:
            if isinstance(selection, FragmentSpreadNode):
                count += self._fields_of_fragment(selection.name.value)
            elif isinstance(selection, FieldNode | InlineFragmentNode):
                count += isinstance(selection, FieldNode)
                count += self.fields(selection.selection_set) if selection.selection_set else 0
        return count

    def _fields_of_fragment(self, name: str) -> int:
        fragment = self._fragments.get(name)
        if fragment is not None and name not in self._fields:
            self._fields[name] = 0
            self._fields[name] = self.fields(fragment.selection_set)
        return self._fields.get(name, 0)

    def _note(self, selection: SelectionNode) -> None:
        for directive in selection.directives or ():
            if directive.name.value in {"defer", "stream"}:
                self.incremental = True
            for argument in directive.arguments or ():
                if directive.name.value in {"skip", "include"} and isinstance(argument.value, VariableNode):
                    self.condition_variables[argument.value.name.value] = None
