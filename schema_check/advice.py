"""Describes, for each code of a schema change, its effect on an app and the safe alternative."""

from typing import NamedTuple

from schema_check.changes import SchemaChange


class Advice(NamedTuple):
    """The effect of a change on operations that stay valid, and the alternative. Validation explains invalid ones."""

    effect: str
    instead: str


_KEEP = "Keep it, deprecate it with 'Remove after YYYY-MM-DD', and remove it when no live operation uses it."
_ADD = "Add a new field, and deprecate this one with 'Remove after YYYY-MM-DD'."
_NULL = Advice("the app may not handle values of the new type", _ADD)
_SENDS = Advice("the app may still send it", _KEEP)
_DEFAULT = Advice("the app omits it and gets the new default", "Keep the default; add a new argument or field.")
_REQUIRED = Advice("the app does not send it", "Make it nullable, or give it a default.")
_SCALAR = Advice("the app reads or sends values of this scalar", "Add a new scalar and fields that use it.")
_SCOPE = Advice("a cache may return the response of one viewer to another", "Keep the scope, or split the field.")
_COST = Advice("the operation may exceed the cost limit", "Check the operation's cost before you raise it.")
_INTERFACE = Advice("the app matches types by their interfaces", "Keep it until no live operation matches by it.")
_NEW = "Only apps that handle unknown values are safe. Return it from a new field, or to new app versions only."
_NOTE = Advice("the app uses it", "")

ADVICE: dict[str, Advice] = {
    "FIELD_REMOVED": Advice("the app selects it", _KEEP),
    "FIELD_CHANGED_KIND": _NULL,
    "TYPE_REMOVED": Advice("the app names, sends or receives this type", _KEEP),
    "TYPE_CHANGED_KIND": Advice("the app expects another kind of type", "Add a new type, and fields of it."),
    "TYPE_REMOVED_FROM_UNION": Advice("the app selects this member of the union", _KEEP),
    "TYPE_ADDED_TO_UNION": Advice("the app may receive a type that it does not know", _NEW),
    "VALUE_REMOVED_FROM_ENUM": _SENDS,
    "VALUE_ADDED_TO_ENUM": Advice("the app may receive a value that it does not know", _NEW),
    "REQUIRED_INPUT_FIELD_ADDED": _REQUIRED,
    "REQUIRED_ARG_ADDED": _REQUIRED,
    "REQUIRED_DIRECTIVE_ARG_ADDED": _REQUIRED,
    "REQUIRED_ARG_DEFAULT_REMOVED": _REQUIRED,
    "REQUIRED_INPUT_FIELD_DEFAULT_REMOVED": _REQUIRED,
    "ARG_REMOVED": _SENDS,
    "ARG_CHANGED_KIND": Advice("the app sends values of the old type", "Add a new argument."),
    "ARG_DEFAULT_VALUE_CHANGE": _DEFAULT,
    "INPUT_FIELD_DEFAULT_VALUE_CHANGE": _DEFAULT,
    "IMPLEMENTED_INTERFACE_REMOVED": _INTERFACE,
    "IMPLEMENTED_INTERFACE_ADDED": Advice("the app may receive a type that it does not know", _NEW),
    "DIRECTIVE_REMOVED": _SENDS,
    "DIRECTIVE_ARG_REMOVED": _SENDS,
    "DIRECTIVE_REPEATABLE_REMOVED": Advice("the app repeats the directive", "Keep it repeatable."),
    "DIRECTIVE_LOCATION_REMOVED": Advice("the app uses the directive at this location", "Keep the location."),
    "ROOT_TYPE_CHANGED": Advice("the app sends operations of this root type", "Keep it, and change its fields."),
    "ROOT_TYPE_REMOVED": Advice(
        "the app sends operations of this root type", "Keep it until no live operation uses it."
    ),
    "ONE_OF_ADDED": Advice("the app may send several fields, or none", "Add a new input type with @oneOf."),
    "SPECIFIED_BY_CHANGED": _SCALAR,
    "SPECIFIED_BY_REMOVED": _SCALAR,
    "SEMANTIC_NON_NULL_REMOVED": _NULL,
    "DEPRECATION_DATE_EARLIER": Advice("the app has less time for its next version", "Keep the announced date."),
    "COST_RAISED": _COST,
    "CACHE_SCOPE_WIDENED": _SCOPE,
    "CACHE_SCOPE_REMOVED": _SCOPE,
    "OPERATION_INVALID": Advice("the operation is no longer valid", "Revert the change that the message names."),
}


INPUT_ADVICE: dict[str, Advice] = {
    "FIELD_REMOVED": _SENDS,
    "FIELD_CHANGED_KIND": Advice("the app sends values of the old type, or omits the field", _ADD),
}
"""Advice for fields of input types, where it differs from that for fields of output types."""


def advice_on(change: SchemaChange) -> Advice:
    """Returns the advice for a change."""
    if change.of_input and change.code in INPUT_ADVICE:
        return INPUT_ADVICE[change.code]
    return ADVICE.get(change.code, _NOTE)
