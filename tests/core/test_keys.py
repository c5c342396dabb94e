from core.keys import KeyRing

ONE = "one:" + "1" * 32
TWO = "two:" + "2" * 32


def test_keys_differ_by_purpose_and_by_secret_and_stay_the_same() -> None:
    ring = KeyRing(f"{ONE}, {TWO}")
    cursor, token = ring.derive("cursor"), ring.derive("access-token")
    assert [key.id for key in cursor] == ["one", "two"]
    assert len({key.secret for key in (*cursor, *token)}) == 4
    assert KeyRing(ONE).derive("cursor") == cursor[:1]
