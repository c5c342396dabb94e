"""Runs the build tools of clients with the operations that apps send."""

import asyncio
import os
import shutil
from pathlib import Path

from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse
from graphql.language import print_ast

from gateway.background.trusted_documents import refresh_documents
from resolvers.schema import print_sdl
from schema_check.manifests import read_manifest
from services.documents import NewDocument, import_documents
from services.resources import Resources
from tests.clients.stage import stage_schema
from tests.support.client import OPERATIONS
from tests.support.node import CLIENTS, node_or_skip
from tests.support.timing import HANG_SECONDS

GENERATED = CLIENTS / "__generated__"
_TOOLS = CLIENTS / "node_modules/.bin"


async def apollo_manifest() -> Path:
    write_operations()
    await run_tool("generate-persisted-query-manifest", "--config", "persisted-query-manifest.config.json")
    return GENERATED / "apollo.json"


async def codegen_manifest(kind: str) -> tuple[Path, Path]:
    """Returns the manifest and the module that the client preset writes as `documents` or as `texts`."""
    write_operations()
    await run_tool("graphql-codegen", "--config", f"codegen.{kind}.js")
    return GENERATED / kind / "persisted-documents.json", GENERATED / kind / "graphql.ts"


async def codegen_from(schema: str) -> Path:
    """Returns the types that the example's configuration writes, from the schema at an address."""
    write_operations()
    await run_tool("graphql-codegen", "--config", "codegen.server.js", SCHEMA=schema)
    return GENERATED / "server/graphql.ts"


async def compile_relay() -> Path:
    """Compiles web/schema-checks with texts and with ids, and the stage. Returns the list of ids."""
    for folder in ("relay", "relay-trusted", "relay-stage"):
        # Else the compiler sees that nothing has changed, and lists nothing.
        shutil.rmtree(GENERATED / folder, ignore_errors=True)
        (GENERATED / folder).mkdir(parents=True)
    (GENERATED / "stage.graphql").write_text(print_sdl(stage_schema()))
    manifest = GENERATED / "relay.json"
    manifest.write_text("{}")
    for config in ("relay.config.json", "relay.trusted.json", "relay.stage.json"):
        await run_tool("relay-compiler", config)
    return manifest


def write_operations() -> None:
    """Writes one file for each operation and fragment of the apps, since some tools accept only one per file."""
    folder = GENERATED / "operations"
    folder.mkdir(parents=True, exist_ok=True)
    for file in OPERATIONS.glob("*.graphql"):
        for definition in parse(file.read_text()).definitions:
            assert isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode)
            assert definition.name
            # Another test may read it at this moment.
            written = folder / f"{definition.name.value}.{os.getpid()}"
            written.write_text(print_ast(definition))
            written.replace(written.with_suffix(".graphql"))


async def run_tool(name: str, *arguments: str, **environment: str) -> None:
    """Runs a tool of `web/clients`. Its output is the message of a failure."""
    process = await asyncio.create_subprocess_exec(
        node_or_skip(),
        str((_TOOLS / name).resolve()),
        *arguments,
        cwd=CLIENTS,
        # Without GIT_DIR relay-compiler would add what it writes to the next commit.
        env={**os.environ, **environment, "GIT_DIR": os.devnull},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await asyncio.wait_for(process.communicate(), HANG_SECONDS)
    assert process.returncode == 0, printed.decode()


async def register_manifest(resources: Resources, manifest: Path, app: str = "strict") -> None:
    """Registers a manifest like `bff documents import`, and loads it in this process."""
    found = read_manifest(manifest.read_bytes())  # noqa: ASYNC240 - nothing else runs in a test
    new = [NewDocument(each.id, each.name, each.text) for each in found.operations]
    await import_documents(resources.database, app, "1.2.3", new, resources.clock())
    await refresh_documents(resources)
