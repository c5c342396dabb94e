import pytest

from core.errors import SettingsError
from core.networks import read_networks
from core.settings import Settings
from gateway.callers.addresses import AddressReader

PROXIES = AddressReader(read_networks("BFF_TRUSTED_PROXIES", "10.0.0.0/8, ::1,2001:db8::/32"))


def seen(addresses: AddressReader, peer: str | None, *forwarded: str) -> str:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    client = (peer, 1234) if peer is not None else None
    return addresses.read({"type": "http", "headers": headers, "client": client})


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.1", (), "203.0.113.1"),
        ("203.0.113.1", ("198.51.100.1",), "203.0.113.1"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("made up, 192.0.2.1, 198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("192.0.2.1", "198.51.100.1, 10.1.1.1"), "198.51.100.1"),
        ("10.0.0.1", ("10.9.9.9,10.1.1.1",), "10.9.9.9"),
        ("10.0.0.1", ("198.51.100.1, garbage",), "10.0.0.1"),
        ("10.0.0.1", ("198.51.100.1, , 10.1.1.1",), "10.1.1.1"),
        ("10.0.0.1", ("198.51.100.1:4711",), "198.51.100.1"),
        ("10.0.0.1", ("[2001:db9::1]:4711",), "2001:db9::1"),
        ("::1", ("2001:db9::1",), "2001:db9::1"),
        ("2001:db8::7", ("::ffff:198.51.100.1",), "198.51.100.1"),
        ("::ffff:10.0.0.1", ("fe80::1%eth0",), "fe80::1"),
        ("a socket", ("198.51.100.1",), ""),
        ("", ("198.51.100.1",), ""),
        (None, ("198.51.100.1",), ""),
    ],
)
def test_only_what_trusted_proxies_say_is_believed(peer: str | None, forwarded: tuple[str, ...], expected: str) -> None:
    assert seen(PROXIES, peer, *forwarded) == expected


def test_by_default_nobody_is_believed() -> None:
    assert (
        seen(AddressReader(read_networks("", Settings().trusted_proxies)), "127.0.0.1", "198.51.100.1") == "127.0.0.1"
    )


@pytest.mark.parametrize("text", ["10.0.0.1/8", "everyone", "10.0.0.0/8 ::1"])
def test_networks_that_are_none_are_one_line_that_names_the_setting(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^BFF_TRUSTED_PROXIES: .*; use networks such as 10\.0\.0\.0/8$"):
        Settings(trusted_proxies=text)
