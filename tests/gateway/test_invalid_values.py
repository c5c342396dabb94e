"""Errors of variables and arguments name the path and the expected type, and contain no values of the client."""

import logging
from typing import Any

import pytest
from graphql import GraphQLError, OperationDefinitionNode, build_schema, get_variable_values, parse
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors.invalid_values import message_without_values
from tests.support.client import LOG_IN, Client

SECRET = "open-sesame-7"
DEVICE = {"platform": "IOS", "name": "phone", "appVersion": "4.2.0"}
INPUT = {"email": "ana@example.com", "password": SECRET, "device": DEVICE}
TOP_UP = "mutation ($input: TopUpWalletInput!) { topUpWallet(input: $input) { __typename } }"

SCHEMA = build_schema(
    """
    enum Color { RED BLUE }
    scalar Day
    input Part { secret: String! number: Int color: Color day: Day id: ID! flag: Boolean list: [Float!] part: Part }
    input Choice @oneOf { text: String number: Int }
    type Query { field(part: Part, choice: Choice): Int }
    """
)
(OPERATION,) = parse("query ($part: Part, $choice: Choice) { field(part: $part, choice: $choice) }").definitions


def messages(values: dict[str, Any]) -> list[str]:
    """Returns the messages of the errors of variables in an operation on `SCHEMA`."""
    assert isinstance(OPERATION, OperationDefinitionNode)
    errors = get_variable_values(SCHEMA, OPERATION.variable_definitions or (), values)
    return [message_without_values(error) for error in errors] if isinstance(errors, list) else []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({**INPUT, "password": [SECRET]}, " at .password: String cannot represent a non string value."),
        ({**INPUT, "email": None}, " at .email: Expected value of non-null type 'String!' not to be None."),
        (
            {"email": "ana@example.com", "password": SECRET},
            ": Expected value of type 'LogInInput' to include required field 'device'.",
        ),
        (
            {**INPUT, "pasword": 1},
            ": Expected value of type 'LogInInput' not to include unknown field 'pasword'. Did you mean 'password'?",
        ),
        ({**INPUT, "device": SECRET}, " at .device: Expected value of type 'DeviceInput' to be an object."),
        (
            {**INPUT, "device": {**DEVICE, "platform": SECRET}},
            " at .device.platform: Expected a value of the enum 'Platform'.",
        ),
    ],
)
async def test_a_password_is_neither_in_the_response_nor_in_the_log(
    client: Client, caplog: pytest.LogCaptureFixture, given: dict[str, Any], message: str
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = await client.post(LOG_IN, {"input": given})
    (error,) = response.json()["errors"]
    assert (error["extensions"]["code"], error["message"]) == (
        "BAD_USER_INPUT",
        f"Variable '$input' has invalid value{message}",
    )
    assert SECRET not in response.text
    assert SECRET not in caplog.text


async def test_our_scalars_describe_their_form(client: Client) -> None:
    amount = {"amount": {"minorUnits": SECRET, "currency": "EUR"}, "paymentMethodId": "x", "idempotencyKey": "k"}
    answer = await client.ask(TOP_UP, {"input": amount})
    (error,) = answer["errors"]
    form = "BigInt is a whole number of 64 bits as a decimal string, like '1050'."
    assert error["message"] == f"Variable '$input' has invalid value at .amount.minorUnits: {form}"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("x' does not exist in 'Color' enum. secret", "Expected a value of the enum 'Color'."),
        ("REDD", "Expected a value of the enum 'Color'. Did you mean the enum value 'RED'?"),
        (7, "Enum 'Color' cannot represent non-string value."),
    ],
)
def test_an_unknown_value_of_an_enum_is_not_quoted(value: object, message: str) -> None:
    valid = {"secret": "s", "id": "1"}
    assert messages({"part": {**valid, "color": value}}) == [f"Variable '$part' has invalid value at .color: {message}"]


def test_a_reason_that_is_not_known_is_left_out() -> None:
    error = GraphQLError("Variable '$day' has invalid value at .days[0]: The secret is no day.")
    assert message_without_values(error) == "Variable '$day' has invalid value at .days[0]."
    other = GraphQLError("Argument 'first' of required type 'Int!' was not provided.")
    assert message_without_values(other) == other.message


MARKS = st.sampled_from(["~a~", "~'b'~", "~. Did you mean 'c'?~", "~ Found: ~", "~\n~", "~' enum.~"])
VALUES = st.recursive(
    MARKS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "secret"]), inner)
)


@given(
    st.dictionaries(
        st.sampled_from(["secret", "number", "color", "day", "id", "flag", "list", "part", "other", "~'key'~"]), VALUES
    ),
    VALUES,
)
def test_no_message_contains_a_value(part: dict[str, Any], choice: Any) -> None:
    found = messages({"part": part, "choice": choice})
    assert found
    assert not [message for message in found if "~" in message]
