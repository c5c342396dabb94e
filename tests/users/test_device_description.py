"""Nothing that a device says of itself is a reason to refuse sign-in."""

from typing import Any

import pytest

from core.time_zones import time_zone
from services.users.device_description import language_tag
from tests.support.client import LOG_IN, Client
from tests.users.test_log_in import credentials, written


@pytest.mark.parametrize(
    ("device", "kept"),
    [
        ({"name": "Ana\u2019s\u200f iPhone\u2068"}, {"name": "Ana\u2019s iPhone"}),
        ({"name": ""}, {"name": "iOS device"}),
        ({"name": "\u200b\u3164\u2800", "platform": "ANDROID"}, {"name": "Android device"}),
        ({"name": " \n ", "platform": "WEB"}, {"name": "Browser"}),
        ({"name": "a\0b\u202ec"}, {"name": "a bc"}),
        ({"name": "x" * 1000}, {"name": "x" * 100}),
        ({"appVersion": "4.2.0-beta.12+build.20261129.abcdef01"}, {"app_version": "4.2.0-beta.12+build.20261129.abc"}),
        ({"appVersion": ""}, {"app_version": "unknown"}),
        ({"locale": "zh-Hant-HK-u-fw-sun-ms-metric-mu-celsius"}, {"locale": "zh-Hant-HK"}),
        ({"locale": "no tag"}, {"locale": None}),
        ({"timeZone": "GMT+03:00"}, {"time_zone": "Etc/GMT-3"}),
        ({"timeZone": "localtime"}, {"time_zone": None}),
        ({"timeZone": "right/Europe/Lisbon"}, {"time_zone": None}),
        ({"timeZone": "../../etc/passwd"}, {"time_zone": None}),
        ({"timeZone": "x" * 100_000}, {"time_zone": None}),
    ],
)
async def test_sign_in_keeps_what_is_good_of_a_device(
    client: Client, device: dict[str, Any], kept: dict[str, Any]
) -> None:
    answer = (await client.data(LOG_IN, credentials(**device)))["logIn"]
    assert answer["__typename"] == "LogInSuccess"
    (row,) = await written(client, "devices")
    assert {column: row[column] for column in kept} == kept
    assert answer["session"]["device"]["name"] == row["name"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("en-GB", "en-GB"),
        ("pt_BR", "pt-BR"),
        ("en_US.UTF-8", "en-US"),
        ("de_DE@euro", "de-DE"),
        ("sl-rozaj-biske-1994", "sl-rozaj-biske-1994"),
        ("de-CH-1901-x-private", "de-CH-1901"),
        ("en-" + "abcdefgh-" * 6, "en-abcdefgh-abcdefgh-abcdefgh"),
        ("x-private", None),
        ("C", None),
        ("", None),
        ("\u0435\u043d", None),
    ],
)
def test_a_locale_is_a_language_tag_without_extensions(given: str, kept: str | None) -> None:
    assert language_tag(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Europe/Lisbon", "Europe/Lisbon"),
        ("europe/lisbon", "Europe/Lisbon"),
        ("Asia/Kolkata", "Asia/Kolkata"),
        ("UTC", "UTC"),
        ("GMT", "GMT"),
        ("GMT-03:00", "Etc/GMT+3"),
        ("UTC+14", "Etc/GMT-14"),
        ("GMT+0", "Etc/GMT"),
        ("GMT+05:30", None),
        ("GMT+15:00", None),
        ("Factory", None),
        ("posixrules", None),
        ("posix/UTC", None),
        ("Moon/Crater", None),
        ("", None),
    ],
)
def test_a_time_zone_is_one_of_ianas(given: str, kept: str | None) -> None:
    assert time_zone(given) == kept
