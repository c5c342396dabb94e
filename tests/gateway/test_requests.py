import pytest

from tests.support.client import HOME, Client

NEW = "application/graphql-response+json"


async def test_a_variable_of_the_wrong_type_is_bad_input(client: Client) -> None:
    response = await client.post(HOME, {"feedFirst": "many"}, Accept=NEW)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_an_error_does_not_quote_a_variable(client: Client) -> None:
    query = "query ($kinds: [NotificationKind!]) { viewer { notifications(filter: {kinds: $kinds}) { __typename } } }"
    response = await client.post(query, {"kinds": ["A" * 500_000]}, Accept=NEW)
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (400, "BAD_USER_INPUT")
    expected = "Variable '$kinds' has invalid value at [0]: Expected a value of the enum 'NotificationKind'."
    assert error["message"] == expected


async def test_null_for_an_argument_with_a_default_is_bad_input_or_the_default(client: Client) -> None:
    answer = await client.ask(HOME, {"feedFirst": None}, as_="ana")
    assert len(answer["data"]["viewer"]["feed"]["edges"]) == 20


@pytest.mark.parametrize(
    "wrong", ["", "junk", "AQEEvrgEgARMtg==", "AQEEvrgEgARMt", "AfkEvrgEgARMtg", "AgEEvrgEgARMtg", "ü", "A" * 1000]
)
async def test_a_malformed_id_is_refused_by_name_before_any_statement(
    client: Client, statements: list[str], wrong: str
) -> None:
    answer = await client.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": wrong})
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", "id")
    assert error["message"].startswith("id: ")
    assert statements == []


async def test_every_type_says_whether_one_of_its_fields_is_given(client: Client) -> None:
    query = "{ __schema { types { isOneOf fields { type { isOneOf ofType { isOneOf } } } } } }"
    assert "errors" not in await client.ask(query)
