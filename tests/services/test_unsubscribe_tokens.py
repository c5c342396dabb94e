"""Tokens of links for unsubscribing."""

import re

import pytest

from core.keys import KeyRing
from services.security.unsubscribe_tokens import UnsubscribeToken, UnsubscribeTokens

OLD, NEW = "old:" + "o" * 32, "new:" + "n" * 32
TOKENS = UnsubscribeTokens(KeyRing(OLD))
OWNER = 2**63 - 1


@pytest.mark.parametrize("name", ["ALL", "LIKE", "PAYMENT_RECEIVED"])
def test_a_token_names_an_account_and_what_is_turned_off(name: str) -> None:
    token = TOKENS.issue(OWNER, name)
    assert TOKENS.read(token) == UnsubscribeToken(OWNER, name)
    assert re.fullmatch(r"[A-Za-z0-9_-]{34,70}", token)
    assert TOKENS.issue(OWNER, name) == token, "a mail that is sent twice is the same"
    assert TOKENS.issue(OWNER - 1, name) != token


def test_every_key_of_the_ring_verifies_and_the_first_one_signs() -> None:
    rotating = UnsubscribeTokens(KeyRing(f"{NEW},{OLD}"))
    token = TOKENS.issue(7, "LIKE")
    assert rotating.read(token) == UnsubscribeToken(7, "LIKE")
    assert UnsubscribeTokens(KeyRing(NEW)).read(rotating.issue(7, "LIKE")) == UnsubscribeToken(7, "LIKE")
    assert UnsubscribeTokens(KeyRing(NEW)).read(token) is None
    assert UnsubscribeTokens(KeyRing(NEW, OLD)).read(token) is None, "retired keys verify the audit trail only"


def test_no_other_text_is_a_token() -> None:
    token = TOKENS.issue(7, "LIKE")
    assert TOKENS.read(token) is not None
    last = token[-1]
    same_bits = [
        letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" if letter != last
    ]
    changed = [
        token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :] for place in range(len(token))
    ]
    others = [
        "",
        "A",
        "=",
        "é",
        "\u0661",
        "\ud800",
        token[:-1],
        token[1:],
        token + "=",
        token + "A",
        token * 3,
        f" {token}",
    ]
    for text in (*changed, *others, *(token[:-1] + letter for letter in same_bits), "A" * 100, "A" * 10_000):
        assert TOKENS.read(text) is None, text


def test_a_token_has_another_tag_than_a_refresh_token() -> None:
    keys = KeyRing(OLD)
    tags = {key.secret for purpose in ("unsubscribe-token", "refresh-token", "cursor") for key in keys.derive(purpose)}
    assert len(tags) == 3
