import pytest

from core.apps import TrustMode, TrustModes, read_apps, read_trust_modes
from core.client import UNKNOWN, Client
from core.errors import SettingsError
from core.settings import Settings
from core.settings.environment import read_settings
from gateway.callers.clients import ClientReader

CLIENTS = ClientReader({"com.example.app-apollo-ios": "ios", "com.example.app": "android"})


def headers(**sent: str) -> list[tuple[bytes, bytes]]:
    given = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in sent.items()]
    return [(b"accept", b"*/*"), *given]


@pytest.mark.parametrize("prefix", ["apollographql", "graphql", "x_graphql"])
def test_clients_say_by_their_headers_which_app_they_are(prefix: str) -> None:
    sent = {f"{prefix}_client_name": "com.example.app-apollo-ios", f"{prefix}_client_version": "4.2.0-1234"}
    assert CLIENTS.read_headers(headers(**sent)) == Client("ios", "4.2.0-1234", "com.example.app-apollo-ios")


def test_the_first_of_equal_headers_counts() -> None:
    sent = [*headers(apollographql_client_name="web"), *headers(apollographql_client_name="other")]
    assert CLIENTS.read_headers(sent).name == "web"


def test_an_app_without_another_name_is_called_as_it_says() -> None:
    sent = headers(apollographql_client_name="web", apollographql_client_version="1.0.0")
    assert CLIENTS.read_headers(sent) == Client("web", "1.0.0", "web")
    assert CLIENTS.read_headers(headers(graphql_client_version="1.0.0")) == Client("", "1.0.0", "")
    assert CLIENTS.read_headers(headers()) == UNKNOWN


@pytest.mark.parametrize("wrong", ["x" * 101, "line\nline", "ü", "-", " ", "", '{"$ne": 1}', "<b>"])
def test_what_cannot_be_a_name_counts_as_not_said(wrong: str) -> None:
    sent = headers(apollographql_client_name=wrong, apollographql_client_version=wrong)
    assert CLIENTS.read_headers(sent) == UNKNOWN


@pytest.mark.parametrize(
    "payload",
    [
        {"apollographql-client-name": "com.example.app", "apollographql-client-version": "4.2.0"},
        {"Graphql-Client-Name": "com.example.app", "GraphQL-Client-Version": "4.2.0"},
        {"headers": {"apollographql-client-name": "com.example.app", "apollographql-client-version": "4.2.0"}},
        {"client": {"name": "com.example.app", "version": "4.2.0"}, "Authorization": "Bearer x"},
    ],
)
def test_clients_say_in_the_payload_of_a_websocket_which_app_they_are(payload: dict[str, object]) -> None:
    assert CLIENTS.read_payload(payload) == Client("android", "4.2.0", "com.example.app")


@pytest.mark.parametrize(
    "payload",
    [{}, {"client": "web"}, {"client": {"name": 1}}, {"headers": []}, {"apollographql-client-name": ["web"]}],
)
def test_a_payload_that_does_not_say_it_is_of_an_unknown_app(payload: dict[str, object]) -> None:
    assert CLIENTS.read_payload(payload) == UNKNOWN


def test_an_app_may_have_several_names() -> None:
    given = "ios=com.example.app-apollo-ios, ios=com.example.beta ,web=example-web,"
    assert read_apps("BFF_APPS", given) == {
        "com.example.app-apollo-ios": "ios",
        "com.example.beta": "ios",
        "example-web": "web",
    }


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("ios", "'ios' is not APP=NAME, such as ios=com.example.app-apollo-ios"),
        ("=x", "'=x' is not APP=NAME, such as ios=com.example.app-apollo-ios"),
        ("a b=x", "'a b=x' is not APP=NAME, such as ios=com.example.app-apollo-ios"),
        ("a=b=c", "'a=b=c' is not APP=NAME, such as ios=com.example.app-apollo-ios"),
        ("ios=x,web=x", "'x' is the name of two apps, ios and web"),
    ],
)
def test_apps_that_cannot_be_read_are_found_at_the_start(wrong: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"BFF_APPS": wrong})
    assert str(refused.value) == f"BFF_APPS: {said}"
    assert Settings().apps == ""


def test_modes_are_of_all_apps_and_of_some() -> None:
    assert read_trust_modes("X", "off") == TrustModes(TrustMode.OFF, {})
    modes = read_trust_modes("X", "enforce, web=report ,studio = off")
    assert [modes.of(app) for app in ("", "ios", "web", "studio")] == ["enforce", "enforce", "report", "off"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("on", "'on' is not a mode; use off, report or enforce, then APP=MODE for apps with another mode"),
        ("web=off", "'web=off' is not a mode; use off, report or enforce, then APP=MODE for apps with another mode"),
        ("off,web=on", "'on' is not a mode; use off, report or enforce, then APP=MODE for apps with another mode"),
        ("off,web", "'' is not a mode; use off, report or enforce, then APP=MODE for apps with another mode"),
        ("off,", "'' is not APP=MODE, such as web=report, with each app once"),
        ("off,web=off,web=off", "'web=off' is not APP=MODE, such as web=report, with each app once"),
    ],
)
def test_modes_that_cannot_be_read_are_found_at_the_start(wrong: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"BFF_TRUSTED_DOCUMENTS": wrong})
    assert str(refused.value) == f"BFF_TRUSTED_DOCUMENTS: {said}"
