"""`bff doctor`."""

import argparse
import asyncio
import sys

from core.errors import SettingsError
from core.settings import Settings
from services.maintenance.doctor import Diagnosis, examine
from services.resources import open_resources


def run(settings: Settings, _asked: argparse.Namespace) -> None:
    findings = asyncio.run(_examine(settings))
    for finding in findings:
        sys.stdout.write(f"{'well' if finding.advice is None else 'ILL '}  {finding.what}")
        sys.stdout.write(f": {finding.advice}\n" if finding.advice else "\n")
    ill = sum(finding.advice is not None for finding in findings)
    if ill:
        raise SettingsError(f"{ill} of {len(findings)} things need care")


async def _examine(settings: Settings) -> list[Diagnosis]:
    async with open_resources(settings) as resources:
        return await examine(resources)
