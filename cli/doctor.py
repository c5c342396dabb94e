"""`bff doctor`: checks the installation, and prints what to do about problems."""

import argparse
import asyncio
import logging
import sys

from core.errors import SettingsError
from core.settings import Settings
from services.maintenance.diagnosis import Diagnosis
from services.maintenance.doctor import examine
from services.resources import open_resources


def run(settings: Settings, _options: argparse.Namespace) -> None:
    logging.disable(logging.WARNING)  # the findings say the same
    try:
        findings = asyncio.run(_examine(settings))
    finally:
        logging.disable(logging.NOTSET)
    for finding in findings:
        sys.stdout.write(f"{'ok  ' if finding.advice is None else 'FAIL'}  {finding.what}")
        sys.stdout.write(f": {finding.advice}\n" if finding.advice else "\n")
    failed = sum(finding.advice is not None for finding in findings)
    if failed:
        raise SettingsError(f"{failed} of {len(findings)} checks failed")


async def _examine(settings: Settings) -> list[Diagnosis]:
    async with open_resources(settings) as resources:
        return await examine(resources)
