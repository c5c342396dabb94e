"""Follows links of mails that turn off e-mails."""

from email.message import EmailMessage

from httpx2 import AsyncClient, Response

from tests.support.client import Client
from tests.support.digests import PUBLIC_URL

FORM = {"List-Unsubscribe": "One-Click"}
EMAILS = "{ viewer { notificationPreferences { channels { kind inApp push email } } } }"


def path_of(mail: EmailMessage) -> str:
    """Returns the path of the link in the header of a mail, which has to be the one in its texts."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    header = str(mail["List-Unsubscribe"])
    assert header.startswith(f"<{PUBLIC_URL}/unsubscribe/")
    assert header.endswith(">")
    url = header[1:-1]
    plain, rich = mail.iter_parts()
    assert plain.get_content().rstrip().endswith(url)
    assert f'<a href="{url}">' in rich.get_content()
    return url.removeprefix(PUBLIC_URL)


async def one_click(http: AsyncClient, path: str) -> Response:
    """Posts what a mail provider posts: a form, without origin, cookie and preferred type."""
    return await http.post(path, data=FORM)


async def mailed_kinds(client: Client, handle: str) -> set[str]:
    """Returns the kinds of notifications that a user gets by e-mail."""
    channels = (await client.data(EMAILS, as_=handle))["viewer"]["notificationPreferences"]["channels"]
    return {each["kind"] for each in channels if each["email"]}
