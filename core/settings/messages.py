"""Settings of push notifications and mails."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class MessageSettings(Area):
    """The engine URLs of push notifications and mails, and the bounds of their calls."""

    title: ClassVar[str] = "Push notifications and mails"

    push_url: Annotated[
        str,
        Meta(
            description="Engines of push notifications, separated by commas, one for each provider. "
            "`apns:///PATH?key_id=…&team_id=…&topic=…` is Apple's service with the key in this file, "
            "`fcm:///PATH` is Firebase with the service account in this file, and `log://` logs which notifications "
            "would be sent. When empty, it is `log://`; in production no push notification is sent then "
            "([push notifications and mails](push-and-mail.md))."
        ),
    ] = ""
    push_deadline: Annotated[
        float,
        Meta(
            gt=0,
            le=60,
            description="Maximum seconds of a call of a push provider. Less than `BFF_WORK_DEADLINE` if `BFF_PUSH_URL` "
            "is set.",
        ),
    ] = 5.0
    push_calls: Annotated[
        int,
        Meta(ge=1, le=1000, description="Maximum concurrent calls of each push provider per process. Others wait."),
    ] = 50
    notification_link: Annotated[
        str,
        Meta(
            pattern=r"^[a-z][a-z0-9+.-]*://[!-~]{0,300}\Z",
            description="Beginning of the address that an app opens for a notification; the notification's id follows. "
            "For example `https://app.example/notifications/`, as a universal link.",
        ),
    ] = "com.example.app://notifications/"

    mail_url: Annotated[
        str,
        Meta(
            description="Engine of mails. `smtp://USER:PASSWORD@HOST:587` is a mail server with STARTTLS, which is "
            "required; `smtps://…` is one with TLS from the beginning, and `log://` logs which mails would be sent. "
            "When empty, it is `log://`; in production no mail is sent then."
        ),
    ] = ""
    mail_from: Annotated[
        str, Meta(description="Sender of mails, such as `Example <no-reply@example.com>`. `smtp://` needs it.")
    ] = ""
    public_url: Annotated[
        str,
        Meta(
            pattern=r"^(https://[A-Za-z0-9.:\[\]-]{1,253}|http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?)"
            r"(/[A-Za-z0-9._~-]{1,100}){0,5}/?\Z",
            description="Address of this server as the readers of mails reach it, such as `https://api.example.com`; "
            "without TLS only on the same machine, such as `http://localhost:8000`. "
            "Mails link to `/unsubscribe/…` there ([unsubscribing](push-and-mail.md#unsubscribing)). When empty, mails "
            "have no such link, and large mail providers may treat them as spam.",
        ),
    ] = ""
    mail_deadline: Annotated[
        float,
        Meta(
            gt=0,
            le=60,
            description="Maximum seconds of sending a mail. Less than `BFF_WORK_DEADLINE` if `BFF_MAIL_URL` is set.",
        ),
    ] = 5.0
