"""Opens `apns://` by its URL: the key's file, with the ids of key and team, and the topic."""

from urllib.parse import SplitResult, parse_qsl

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from adapters.push.apns import ApnsPush
from adapters.push.apns_tokens import ApnsTokens
from adapters.push.http import open_http
from adapters.push.urls import URL, read_secret
from adapters.tls import trusting
from core.clock import Clock
from core.errors import SettingsError

_SERVERS = {
    "production": "https://api.push.apple.com",
    "sandbox": "https://api.sandbox.push.apple.com",
}
_NEEDED = ("key_id", "team_id", "topic")
_KNOWN = (*_NEEDED, "environment", "ca")


def open_apns(parts: SplitResult, deadline: float, clock: Clock) -> ApnsPush:
    """Returns the engine of `apns:///KEY.p8?key_id=…&team_id=…&topic=…`. Raises `SettingsError`."""
    given = dict(parse_qsl(parts.query))
    missing = [name for name in _NEEDED if not given.get(name)]
    unknown = [name for name in given if name not in _KNOWN]
    if missing or unknown:
        raise SettingsError(f"{URL}: apns:// needs key_id, team_id and topic, and may have environment and ca")
    environment = given.get("environment", "production")
    if environment not in _SERVERS:
        raise SettingsError(f"{URL}: the environment of apns:// is production or sandbox")
    server = f"https://{parts.netloc}" if parts.netloc else _SERVERS[environment]
    tls = trusting(URL, given["ca"]) if "ca" in given else None
    http = open_http(server, deadline, tls, one=True)
    tokens = ApnsTokens(_key(parts.path), given["key_id"], given["team_id"], clock)
    return ApnsPush(http, tokens, given["topic"], clock)


def _key(path: str) -> EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(read_secret(path), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise SettingsError(f"{URL}: {path} is not a key of APNs, a .p8 file")
    return key
