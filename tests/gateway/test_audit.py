"""graphql-http's audit of how a server follows the specification of GraphQL over HTTP."""

import asyncio
import json
from pathlib import Path

from tests.cli.test_commands import serving
from tests.support.node import CLIENTS, node_or_skip
from tests.support.timing import HANG_SECONDS


async def test_the_server_passes_every_audit_of_graphql_http(tmp_path: Path) -> None:
    node = node_or_skip()
    async with serving("dev", folder=tmp_path) as http:
        process = await asyncio.create_subprocess_exec(
            node, "audit.js", str(http.base_url.join("/graphql")), cwd=CLIENTS, stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await asyncio.wait_for(process.communicate(), HANG_SECONDS)
    audits = json.loads(printed)
    assert [audit for audit in audits if audit["status"] != "ok"] == []
    assert len(audits) == 61
