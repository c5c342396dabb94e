"""The files that the page loads, as the build left them: compressed, and named after what is in them."""

import gzip
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.http.negotiation import preferred_coding

_IDENTITY = "identity"
_ENCODINGS = {".br": "br", ".gz": "gzip"}
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".woff2": "font/woff2",
}


class Asset(NamedTuple):
    """A file, in each of its encodings: plain alone, or compressed alone."""

    content_type: str
    encoded: Mapping[str, bytes]


class Assets:
    """Answers for the files of one folder. A name is looked up in what the folder held, never on the disk."""

    def __init__(self, folder: Path, headers: Mapping[str, str]) -> None:
        self._assets = read_assets(folder)
        self._headers = {**headers, "Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}

    async def answer(self, request: Request) -> Response:
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        offered = tuple(name for name in _ENCODINGS.values() if name in asset.encoded)
        encoding = preferred_coding(request.headers.get("accept-encoding", ""), offered) or _IDENTITY
        headers = self._headers if encoding == _IDENTITY else {**self._headers, "Content-Encoding": encoding}
        return Response(_body(asset, encoding), headers=headers, media_type=asset.content_type)


@cache
def read_assets(folder: Path) -> Mapping[str, Asset]:
    """The files of a folder by their names, without `.br` and `.gz`."""
    found: dict[str, dict[str, bytes]] = {}
    for file in folder.iterdir():
        encoding = _ENCODINGS.get(file.suffix, _IDENTITY)
        name = file.name if encoding == _IDENTITY else file.stem
        found.setdefault(name, {})[encoding] = file.read_bytes()
    return {name: Asset(_CONTENT_TYPES[Path(name).suffix], encoded) for name, encoded in found.items()}


def _body(asset: Asset, encoding: str) -> bytes:
    if encoding in asset.encoded:
        return asset.encoded[encoding]
    return gzip.decompress(asset.encoded["gzip"])
