from itertools import pairwise

import pytest

from core.app_versions import read_version
from core.errors import SettingsError
from core.settings.environment import read_settings


def test_versions_are_ordered_as_semantic_versioning_does() -> None:
    ordered = [
        "0.9",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "4.9.9",
        "4.10.0",
        "4.10.0.1",
        "10",
    ]
    versions = [read_version(text) for text in ordered]
    for older, newer in pairwise(versions):
        assert older is not None
        assert newer is not None
        assert older < newer


@pytest.mark.parametrize("same", ["4.2", "4.2.0", "v4.2.0.0", "4.2.0+7", "4.2.0-1234", "04.02", "4.2+exp.sha-5114f85"])
def test_zeros_and_build_numbers_do_not_count(same: str) -> None:
    assert read_version(same) == read_version("4.2.0")


def test_a_build_number_of_a_pre_release_does_not_count() -> None:
    assert read_version("4.2.0-rc.1+77") == read_version("4.2.0-rc.1") != read_version("4.2.0")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dev",
        "unspecified",
        "4.",
        ".4",
        "4..2",
        "4.2b1",
        "4.2_1",
        "4.2.0-",
        "4.2.0+",
        "1.2.3.4.5.6.7",
        "٤.2",
        "4." * 30,
    ],
)
def test_other_texts_are_no_versions(text: str) -> None:
    assert read_version(text) is None


@pytest.mark.parametrize("variable", ["BFF_MIN_VERSIONS", "BFF_RECOMMENDED_VERSIONS"])
@pytest.mark.parametrize(
    "part", ["ios", "ios=", "=4.2.0", "ios=4.x", "ios=dev", "i s=4.2.0", "ios=4.2.0-1234", "ios=4.2.0+7", "ios=4.2=1"]
)
def test_versions_that_cannot_be_compared_are_found_at_the_start(variable: str, part: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({variable: f"android=4.2.0-rc.1, {part}"})
    form = "APP=VERSION, such as ios=4.2.0, without a build number and with each app once"
    assert str(refused.value) == f"{variable}: '{part}' is not {form}"


def test_an_app_has_one_minimum() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"BFF_MIN_VERSIONS": "ios=4.2.0,ios=4.3.0"})
    assert "'ios=4.3.0' is not APP=VERSION" in str(refused.value)


def test_a_recommended_version_is_not_a_refused_one() -> None:
    read_settings({"BFF_MIN_VERSIONS": "ios=4.2.0", "BFF_RECOMMENDED_VERSIONS": "ios=4.2,android=1"})
    with pytest.raises(SettingsError) as refused:
        read_settings({"BFF_MIN_VERSIONS": "ios=4.10.0", "BFF_RECOMMENDED_VERSIONS": "ios=4.9.9"})
    expected = "BFF_RECOMMENDED_VERSIONS: 'ios=4.9.9' is older than BFF_MIN_VERSIONS, ios=4.10.0"
    assert str(refused.value) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "apps.apple.com/app/id1",
        "http://apps.apple.com/app/id1",
        "javascript:alert(1)",
        "https://",
        'https://a.example/"',
        "https://a.example/a b",
        "https://a.example/\r\nX: y",
        "https://a.example/é",
        "https://a.example:0/",
        "https://a.example:65536/",
        "https://a.example:99999999/",
        f"https://a.example/{'x' * 500}",
    ],
)
def test_an_address_of_a_store_fits_into_a_header_and_a_link(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"BFF_STORE_URLS": f"ios={url}"})
    message = str(refused.value)
    assert message.startswith("BFF_STORE_URLS: 'ios=")
    assert message.endswith("is not APP=URL, such as ios=https://apps.apple.com/app/id1, with each app once")


@pytest.mark.parametrize("port", ["", ":443", ":65535"])
def test_addresses_of_stores_may_have_ports_and_parameters(port: str) -> None:
    url = f"https://play.google.com{port}/store/apps/details?id=com.example&hl=en#x"
    assert read_settings({"BFF_STORE_URLS": f"android={url}"}).store_urls == f"android={url}"
