"""Opens `fcm://` by its URL: the file of a service account."""

import re
from urllib.parse import SplitResult, urlsplit

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from adapters.push.fcm import FcmPush
from adapters.push.google_tokens import GoogleTokens, ServiceAccount
from adapters.push.http import open_http
from adapters.push.urls import URL, read_secret
from adapters.tls import permit_clear_text
from core.clock import Clock
from core.errors import SettingsError
from core.settings import Settings

_SERVER = "https://fcm.googleapis.com"
_PROJECT = re.compile(r"[a-z0-9:.-]{1,100}")


class _File(msgspec.Struct):
    project_id: str
    client_email: str
    private_key: str
    private_key_id: str
    token_uri: str


def open_fcm(parts: SplitResult, settings: Settings, clock: Clock) -> FcmPush:
    """Returns the engine of `fcm:///ACCOUNT.json`. `fcm://HOST:PORT/…` has no TLS. Raises `SettingsError`."""
    if parts.query:
        raise SettingsError(f"{URL}: fcm:// has no parameters")
    account = _read_account(parts.path)
    server = f"http://{parts.netloc}" if parts.netloc else _SERVER
    for url in (urlsplit(server), urlsplit(account.token_uri)):
        if url.scheme != "https":
            permit_clear_text(settings, URL, url.hostname or "")
    http = open_http(server, settings.push_deadline, None, one=False)
    return FcmPush(http, GoogleTokens(http, account, clock), account.project_id, clock)


def _read_account(path: str) -> ServiceAccount:
    try:
        file = msgspec.json.decode(read_secret(path), type=_File)
        key = load_pem_private_key(file.private_key.encode(), None)
        urlsplit(file.token_uri)
    except (msgspec.MsgspecError, ValueError, TypeError, UnsupportedAlgorithm):
        file = key = None
    if file is None or not isinstance(key, RSAPrivateKey) or not _PROJECT.fullmatch(file.project_id):
        raise SettingsError(f"{URL}: {path} is not the file of a service account")
    return ServiceAccount(file.project_id, file.client_email, key, file.private_key_id, file.token_uri)
