"""`bff doctor` checks the settings of the mail server."""

from tests.support.commands import call_bff

ADVICE = "BFF_PUBLIC_URL: without it, mails have no link to unsubscribe, and providers may treat them as spam"
MAIL = {"BFF_MAIL_URL": "smtps://127.0.0.1:1", "BFF_MAIL_FROM": "no-reply@mail.example"}


def mail(url: str, **environment: str) -> list[str]:
    """Returns the doctor's lines about links of mails."""
    done = call_bff("doctor", BFF_DATABASE_URL=url, **environment)
    return [line for line in done.stdout.splitlines() if line[6:].startswith("links of mails")]


def test_the_doctor_names_the_address_that_mails_need(database_url: str) -> None:
    assert mail(database_url) == []
    assert mail(database_url, **MAIL) == [f"FAIL  links of mails: {ADVICE}"]
    assert mail(database_url, **MAIL, BFF_PUBLIC_URL="https://api.example") == ["ok    links of mails"]


def test_an_address_without_tls_is_rejected(database_url: str) -> None:
    for wrong in ("http://api.example", "https://", "https://a b", "https://a/<x>", "https://a?b", "api.example"):
        done = call_bff("doctor", BFF_DATABASE_URL=database_url, BFF_PUBLIC_URL=wrong)
        assert done.returncode == 1
        assert "BFF_PUBLIC_URL" in done.stderr
        assert done.stdout == ""
