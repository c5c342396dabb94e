"""Requests that schemathesis generates get valid responses, without internal errors, and run bounded statements."""

import os

from tests.gateway.fuzzing.runs import fuzzing

CASES = int(os.environ.get("FUZZ_CASES", "1000"))
"""Requests on each database."""
SEED = int(os.environ.get("FUZZ_SEED", "1"))


async def test_generated_requests_are_answered_as_specified(database_url: str) -> None:
    async with fuzzing(database_url) as fuzzer:
        failures = [failure async for failure in fuzzer.run(CASES, SEED)]
    assert not failures, f"FUZZ_SEED={SEED}: {len(failures)} failures, the first: {failures[0]}"
    assert fuzzer.codes[""] > CASES // 10
