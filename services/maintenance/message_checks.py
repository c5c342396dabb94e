"""Checks the engines of push notifications and mails, without sending anything to a user."""

from collections.abc import Sequence

from adapters.checks import Checked
from services.maintenance.diagnosis import Diagnosis
from services.resources import Resources

_NOTHING_SENT = "log:// sends nothing"
_REJECTED = {
    "apns": "Apple rejects the key or the topic ({cause}): correct the file, key_id, team_id or topic in BFF_PUSH_URL",
    "fcm": "Google rejects the service account ({cause}): name the file of a valid one in BFF_PUSH_URL",
    "smtp": "the server rejects user or password ({cause}): correct them in BFF_MAIL_URL",
}
_NO_ANSWER = "it does not answer ({cause}): check the network, or correct {variable}"


async def examine_messages(resources: Resources) -> list[Diagnosis]:
    """Returns a diagnosis for each engine, or one that says that nothing is sent."""
    mail = resources.mail
    return [
        *_diagnoses(resources, "push", "BFF_PUSH_URL", await resources.push.check()),
        *_diagnoses(resources, "mail", "BFF_MAIL_URL", [] if mail is None else [await mail.check()]),
        *_links(resources),
    ]


def _links(resources: Resources) -> list[Diagnosis]:
    """Checks the address of the links that turn mails off, if there is a mail server."""
    if resources.mail is None or resources.mail.engine.name != "smtp":
        return []
    advice = "BFF_PUBLIC_URL: without it, mails have no link to unsubscribe, and providers may treat them as spam"
    return [Diagnosis("links of mails", None if resources.settings.public_url else advice)]


def _diagnoses(resources: Resources, channel: str, variable: str, found: Sequence[Checked]) -> list[Diagnosis]:
    if not found:
        return [Diagnosis(f"{channel} (none: {variable} is empty, so nothing is sent)")]
    is_production = resources.settings.env == "production"
    return [
        Diagnosis(f"{channel} ({each.engine})", _advice(each, variable, is_production=is_production)) for each in found
    ]


def _advice(found: Checked, variable: str, *, is_production: bool) -> str | None:
    if found.engine == "log":
        return f"{variable}: {_NOTHING_SENT}; name an engine, or leave it empty" if is_production else None
    if found.cause is None:
        return None
    template = _REJECTED[found.engine] if found.rejects_credentials else _NO_ANSWER
    return template.format(cause=found.cause, variable=variable)
