"""Removes values from graphql-core's messages about invalid variables and arguments.

A value may be a secret: a password of a wrong type, or an input object that lacks a field and contains a password. Apps
and proxies log error messages. So a message names the variable, the path and the expected type only.
"""

import re

from graphql import GraphQLError

from schema.scalars import UnreadableScalar

_MESSAGE = re.compile(
    r"(?P<subject>(?:Variable|Argument) '\$?\w+'(?: defined by fragment '\w+')? has invalid (?:default )?value"
    r"(?: at (?:\.\w+|\[\d+\])+)?): (?P<reason>.*)",
    re.DOTALL,
)
_TYPE, _NAME = r"'[\w!\[\]]+'", r"'\w{1,100}'"
_SUGGESTED = r"(?: Did you mean (?:the enum value )?'\w+'(?:,? or '\w+'|, '\w+')*\?)?"
_REASON = re.compile(
    rf"Expected a value of non-null type {_TYPE} to be provided"
    rf"|Expected value of non-null type {_TYPE} not to be None"
    rf"|Expected value of type {_TYPE} to be an object"
    rf"|Expected value of type {_TYPE} to include required field {_NAME}"
    rf"|Expected value of type {_TYPE} not to include unknown field {_NAME}(?:\.{_SUGGESTED}(?= Found: ))?"
    rf"|Expected value of type {_TYPE}"
    rf"|Expected variable '\$\w+' provided to (?:field {_NAME} for OneOf Input Object |non-null )?type {_TYPE}"
    r" (?:to provide a runtime value|not to be None)"
    rf"|Within OneOf Input Object type {_TYPE}, exactly one field must be specified, and the value for that field must"
    r" be non-null"
    r"|(?:Int|Float|String|Boolean|ID) cannot represent (?:a )?(?:non[ \w-]* )?value"
    rf"|Enum {_NAME} cannot represent non-string value"
)
"""The beginnings of reasons, up to the value. Other reasons are left out."""

_UNKNOWN_ENUM_VALUE = re.compile(rf"Value '.*' does not exist in ('\w+') enum\.({_SUGGESTED})", re.DOTALL)


def message_without_values(error: GraphQLError) -> str:
    """Returns the message of an error of a variable or an argument, without values that the client has sent.

    Keeps the messages of our own scalars, which contain no values, and those of other errors.
    """
    match = _MESSAGE.fullmatch(error.message)
    if match is None or isinstance(error.original_error, UnreadableScalar):
        return error.message
    reason = _reason_without_values(match["reason"])
    return f"{match['subject']}: {reason}" if reason else f"{match['subject']}."


def _reason_without_values(reason: str) -> str:
    """Returns the part of a reason that contains no value, or an empty text if it has none."""
    if enum := _UNKNOWN_ENUM_VALUE.fullmatch(reason):
        return f"Expected a value of the enum {enum[1]}.{enum[2]}"
    known = _REASON.match(reason)
    if known is None:
        return ""
    return known[0] if known[0].endswith("?") else f"{known[0]}."
