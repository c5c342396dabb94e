"""For each kind of change: what it does to an app that uses it, and what to do instead."""

from typing import NamedTuple

from schema_check.changes import SchemaChange


class Advice(NamedTuple):
    """`why` is about operations that stay valid; what makes them invalid, validation says."""

    why: str
    instead: str


_KEEP = "Keep it, deprecate it with 'Remove after YYYY-MM-DD', and remove it when nobody uses it any more."
_ADD = "Add a new field beside it, and deprecate this one with 'Remove after YYYY-MM-DD'."
_NULL = Advice("the app's code may not take what it now gets", _ADD)
_SENDS = Advice("the app may still send it", _KEEP)
_DEFAULT = Advice("the app leaves it out, and gets another default", "Keep the default; add a new argument or field.")
_REQUIRED = Advice("the app does not send it", "Make it nullable, or give it a default.")
_SCALAR = Advice("the app reads or sends values of this scalar", "Add a new scalar and fields that use it.")
_SCOPE = Advice("answers to one viewer may be shown to another", "Keep the scope, or split the field.")
_COST = Advice("the operation may come to cost more than is allowed", "Check the operation's cost before you raise it.")
_INTERFACE = Advice("the app matches types by what they implement", "Keep it until nobody matches by it.")
_NEW = "Only apps that expect values they do not know are safe; offer it by a new field, or to new versions only."
_NOTE = Advice("the app uses it", "")

ADVICE: dict[str, Advice] = {
    "FIELD_REMOVED": Advice("the app selects it", _KEEP),
    "FIELD_CHANGED_KIND": _NULL,
    "TYPE_REMOVED": Advice("the app names this type, sends it or is given it", _KEEP),
    "TYPE_CHANGED_KIND": Advice("the app takes it for another kind of type", "Add a new type, and fields of it."),
    "TYPE_REMOVED_FROM_UNION": Advice("the app asks for this type in the union", _KEEP),
    "TYPE_ADDED_TO_UNION": Advice("the app may be given a type that it does not know", _NEW),
    "VALUE_REMOVED_FROM_ENUM": _SENDS,
    "VALUE_ADDED_TO_ENUM": Advice("the app may be given a value that it does not know", _NEW),
    "REQUIRED_INPUT_FIELD_ADDED": _REQUIRED,
    "REQUIRED_ARG_ADDED": _REQUIRED,
    "REQUIRED_DIRECTIVE_ARG_ADDED": _REQUIRED,
    "REQUIRED_ARG_DEFAULT_REMOVED": _REQUIRED,
    "REQUIRED_INPUT_FIELD_DEFAULT_REMOVED": _REQUIRED,
    "ARG_REMOVED": _SENDS,
    "ARG_CHANGED_KIND": Advice("the app sends values of the old type", "Add a new argument beside it."),
    "ARG_DEFAULT_VALUE_CHANGE": _DEFAULT,
    "INPUT_FIELD_DEFAULT_VALUE_CHANGE": _DEFAULT,
    "IMPLEMENTED_INTERFACE_REMOVED": _INTERFACE,
    "IMPLEMENTED_INTERFACE_ADDED": Advice("the app may be given a type that it does not know", _NEW),
    "DIRECTIVE_REMOVED": _SENDS,
    "DIRECTIVE_ARG_REMOVED": _SENDS,
    "DIRECTIVE_REPEATABLE_REMOVED": Advice("the app repeats it", "Keep it repeatable."),
    "DIRECTIVE_LOCATION_REMOVED": Advice("the app uses it there", "Keep the location."),
    "ROOT_TYPE_CHANGED": Advice("the app's operations begin there", "Keep the root type, and change its fields."),
    "ROOT_TYPE_REMOVED": Advice("the app's operations begin there", "Keep the root type until nobody uses it."),
    "ONE_OF_ADDED": Advice("the app may send several fields, or none", "Add a new input type with @oneOf."),
    "SPECIFIED_BY_CHANGED": _SCALAR,
    "SPECIFIED_BY_REMOVED": _SCALAR,
    "SEMANTIC_NON_NULL_REMOVED": _NULL,
    "DEPRECATION_DATE_EARLIER": Advice("the app's next versions have less time", "Keep the day that was promised."),
    "COST_RAISED": _COST,
    "CACHE_SCOPE_WIDENED": _SCOPE,
    "CACHE_SCOPE_REMOVED": _SCOPE,
    "OPERATION_INVALID": Advice("the operation is not valid any more", "Undo what its message is about."),
}


INPUT_ADVICE: dict[str, Advice] = {
    "FIELD_REMOVED": _SENDS,
    "FIELD_CHANGED_KIND": Advice("the app sends values of the old type, or leaves it out", _ADD),
}


def advice_on(change: SchemaChange) -> Advice:
    if change.of_input and change.code in INPUT_ADVICE:
        return INPUT_ADVICE[change.code]
    return ADVICE.get(change.code, _NOTE)
