from dataclasses import fields

import pytest

from core.errors import SettingsError
from core.settings import Settings
from core.settings.environment import read_settings, unknown_variables
from core.settings.page import settings_page

SECRET = "a:" + "x" * 32


def test_without_an_environment_the_defaults_need_no_server() -> None:
    assert read_settings({}) == Settings()
    assert Settings().database_url.startswith("sqlite://")


def test_values_are_read_as_what_they_are() -> None:
    settings = read_settings({"BFF_DATABASE_POOL": "7", "PORT": "9000", "BFF_DATABASE_DEADLINE": "0.5", "OTHER": "x"})
    assert (settings.database_pool, settings.port, settings.database_deadline) == (7, 9000, 0.5)


def test_limits_of_payments_are_in_minor_units_by_currency() -> None:
    settings = read_settings({"BFF_STEP_UP_AMOUNT": "USD=1,EUR=2.5,GBP=3,JPY=4,INR=5"})
    assert settings.step_up_amounts == {"USD": 100, "EUR": 250, "GBP": 300, "JPY": 4, "INR": 500}
    assert settings.max_amounts == {"USD": 200_000, "EUR": 200_000, "GBP": 200_000, "JPY": 300_000, "INR": 20_000_000}
    assert settings.max_daily_amounts["JPY"] == 750_000


def test_an_empty_variable_is_not_set() -> None:
    assert read_settings({"BFF_DATABASE_POOL": ""}) == Settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "many"),
        ("PORT", "65536"),
        ("BFF_ENV", "staging"),
        ("BFF_DATABASE_POOL", "0"),
        ("BFF_DATABASE_DEADLINE", "-1"),
        ("BFF_ACCESS_TOKEN_SECONDS", "1.5"),
        ("BFF_LOG_LEVEL", "loud"),
        ("BFF_SECRET_KEYS", "no-id-and-no-colon-in-this-one-at-all"),
        ("BFF_SECRET_KEYS", "a:too-short"),
        ("BFF_SECRET_KEYS", ","),
        ("BFF_SECRET_KEYS", f"{SECRET},{SECRET}"),
        ("BFF_PAYMENTS_MAX_AMOUNT", "USD=2000"),
        ("BFF_PAYMENTS_MAX_DAILY", "USD=2000,EUR=1,GBP=2000,JPY=300000,INR=200000"),
        ("BFF_STEP_UP_AMOUNT", "USD=500.001,EUR=500,GBP=500,JPY=75000,INR=50000"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{variable}: [^\n]+$"):
        read_settings({variable: value})


@pytest.mark.parametrize(
    ("channel", "url"), [("PUSH", "log://"), ("PUSH", "fcm:///account.json"), ("MAIL", "log://"), ("MAIL", "smtp://x")]
)
def test_a_message_ends_before_its_job(channel: str, url: str) -> None:
    bounds = {f"BFF_{channel}_URL": url, "BFF_WORK_DEADLINE": "6"}
    for deadline in ("6", "6.5"):
        with pytest.raises(SettingsError) as caught:
            read_settings({**bounds, f"BFF_{channel}_DEADLINE": deadline})
        problem = "a job ends before its call; make it less than BFF_WORK_DEADLINE"
        assert str(caught.value) == f"BFF_{channel}_DEADLINE: {problem}"
    assert read_settings({**bounds, f"BFF_{channel}_DEADLINE": "5.9"}).work_deadline == 6


def test_without_messages_the_deadline_of_a_job_may_be_short() -> None:
    assert read_settings({"BFF_WORK_DEADLINE": "2"}).work_deadline == 2


def test_production_refuses_the_default_secret_even_beside_others() -> None:
    default = Settings().secret_keys
    for keys in ("", default, f"{SECRET},{default}"):
        with pytest.raises(SettingsError, match=r"^BFF_SECRET_KEYS: the default secret"):
            read_settings({"BFF_ENV": "production", "BFF_SECRET_KEYS": keys})
    assert read_settings({"BFF_ENV": "production", "BFF_SECRET_KEYS": SECRET}).env == "production"


def test_a_secret_is_not_printed_with_the_settings() -> None:
    settings = Settings(secret_keys=SECRET, database_url="postgres://user:hunter2@host/name")
    assert "xxx" not in repr(settings)
    assert "hunter2" not in repr(settings)


def test_every_setting_is_in_the_table() -> None:
    table = settings_page()
    for field in (field.name for field in fields(Settings)):
        assert f"| `{'PORT' if field == 'port' else 'BFF_' + field.upper()}` |" in table


def test_a_variable_that_no_setting_has_is_found_with_what_may_be_meant() -> None:
    environment = {"BFF_LOG_IN_PERACCOUNT": "9", "BFF_ENV": "dev", "BFF_MOON": "full", "PATH": "/bin"}
    assert unknown_variables(environment) == {"BFF_LOG_IN_PERACCOUNT": "BFF_LOG_IN_PER_ACCOUNT", "BFF_MOON": None}


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("BFF_ENV", "must be one of dev, production"),
        ("BFF_LOG_LEVEL", "must be one of DEBUG, INFO, WARNING, ERROR"),
        ("PORT", "must be an integer, at least 0 and at most 65535"),
        ("BFF_DATABASE_DEADLINE", "must be a number, greater than 0 and at most 60"),
        ("BFF_GRAPHIQL", "must be true or false"),
    ],
)
def test_a_wrong_value_is_answered_with_the_values_that_are_allowed(variable: str, message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({variable: "many"})
    assert str(refused.value) == f"{variable}: {message}"


def test_features_may_have_deadlines_of_their_own() -> None:
    settings = read_settings({"BFF_FEATURE_DEADLINE": "3", "BFF_FEATURE_DEADLINES": "search=1, payments=4.5"})
    assert settings.deadlines == {
        "users": 3, "feed": 3, "payments": 4.5, "notifications": 3, "search": 1, "live": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("deadlines", "problem"),
    [
        ("shop=1", "unknown feature 'shop'; known are users, feed, payments, notifications, search, live"),
        ("search", "search must be a number of seconds, greater than 0 and at most 60"),
        ("search=0", "search must be a number of seconds, greater than 0 and at most 60"),
        ("search=inf", "search must be a number of seconds, greater than 0 and at most 60"),
        ("search=61", "search must be a number of seconds, greater than 0 and at most 60"),
        ("search=1,search=2", "search is given twice"),
        ("search=5.5", "search has more than BFF_DATABASE_DEADLINE (5), which applies then; make it at most that"),
    ],
)
def test_a_deadline_that_cannot_apply_is_refused(deadlines: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"BFF_FEATURE_DEADLINES": deadlines})
    assert str(caught.value) == f"BFF_FEATURE_DEADLINES: {problem}"
