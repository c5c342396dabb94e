"""Serves the files of the page. The build has compressed them, and named them after their content."""

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
    """A file with its encodings: only uncompressed, or only compressed."""

    content_type: str
    encoded: Mapping[str, bytes]


class Assets:
    """Serves the files of one folder. Files are read once, so a path of a request never reaches the disk."""

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
    """Returns the files of a folder by name, without `.br` and `.gz`."""
    files: dict[str, dict[str, bytes]] = {}
    for file in folder.iterdir():
        encoding = _ENCODINGS.get(file.suffix, _IDENTITY)
        name = file.name if encoding == _IDENTITY else file.stem
        files.setdefault(name, {})[encoding] = file.read_bytes()
    return {name: Asset(_CONTENT_TYPES[Path(name).suffix], encoded) for name, encoded in files.items()}


def _body(asset: Asset, encoding: str) -> bytes:
    if encoding in asset.encoded:
        return asset.encoded[encoding]
    return gzip.decompress(asset.encoded["gzip"])
