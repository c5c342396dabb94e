"""graphql-http's audit of how a server follows the specification of GraphQL over HTTP."""

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest

from tests.cli.test_commands import serving

CLIENTS = "web/clients"


@pytest.fixture
def node(project: Path) -> str:
    """Where Node is, and what the tests run on it."""
    found = shutil.which("node")
    if found is None or not (project / CLIENTS / "node_modules").exists():
        reason = "the packages of web/clients are not installed; 'make clients' does, where Node is"
        assert not os.environ.get("TEST_REQUIRE_NODE"), reason
        pytest.skip(reason)
    return found


async def test_the_server_passes_every_audit_of_graphql_http(project: Path, tmp_path: Path, node: str) -> None:
    async with serving("dev", folder=tmp_path) as http:
        process = await asyncio.create_subprocess_exec(
            node, "audit.js", str(http.base_url.join("/graphql")), cwd=project / CLIENTS, stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await asyncio.wait_for(process.communicate(), 60)
    audits = json.loads(printed)
    assert [audit for audit in audits if audit["status"] != "ok"] == []
    assert len(audits) == 61
