import pytest

from core.origins import is_same


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://bff.example", "bff.example", True),
        ("http://bff.example", "bff.example:80", True),
        ("https://bff.example", "bff.example:443", True),
        ("https://bff.example:443", "bff.example", True),
        ("HTTPS://BFF.Example", "bff.example", True),
        ("https://bff.example:8443", "bff.example:8443", True),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("https://bff.example:8443", "bff.example", False),
        ("http://bff.example", "bff.example:443", False),
        ("https://bff.example.evil.example", "bff.example", False),
        ("https://bff.example", "evil.example", False),
        ("https://bff.example", None, False),
        ("null", "null", False),
        ("bff.example", "bff.example", False),
        ("http://[", "[", False),
    ],
)
def test_a_page_of_the_server_itself_is_known_by_its_host(origin: str, host: str | None, *, same: bool) -> None:
    assert is_same(origin, host) is same
