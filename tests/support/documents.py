"""Registers documents, and sends requests with their ids."""

import hashlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from httpx2 import ASGITransport, AsyncClient, Response

from core.settings import Settings
from gateway.app import create_app
from gateway.background.trusted_documents import refresh_documents
from services.documents import ImportedDocuments, NewDocument, import_documents
from tests.support.client import Client

NEW = "application/graphql-response+json"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def named(digest: str, version: object = 1) -> dict[str, Any]:
    return {"persistedQuery": {"version": version, "sha256Hash": digest}}


@asynccontextmanager
async def serving(settings: Settings) -> AsyncGenerator[Client]:
    """Yields the product as one process runs it."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://bff") as http:
            yield Client(http, app.state.resources)


async def register(
    client: Client, documents: Mapping[str, str], app: str = "ios", version: str = "4.2.0"
) -> ImportedDocuments:
    """Texts by their ids; this process knows at once."""
    new = [NewDocument(key, "Operation", text) for key, text in documents.items()]
    imported = await import_documents(client.resources.database, app, version, new, client.resources.clock())
    await refresh_documents(client.resources)
    return imported


async def send(client: Client, body: Mapping[str, Any], **headers: str) -> Response:
    return await client.http.post("/graphql", json=body, headers={"Accept": NEW, **headers})


def error_of(response: Response) -> tuple[int, str, str]:
    """Returns the status, code and message of the only error of a response without data."""
    answer = response.json()
    assert "data" not in answer
    (error,) = answer["errors"]
    return response.status_code, error["extensions"]["code"], error["message"]
