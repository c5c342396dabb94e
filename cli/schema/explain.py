"""`bff schema explain`."""

import argparse
import sys

from cli.schema import inputs
from cli.schema.failing import fails_with_two
from core.settings import Settings
from gate.explain import explain


@fails_with_two
def run(_settings: Settings, asked: argparse.Namespace) -> int:
    told = explain(
        asked.coordinate,
        inputs.head(asked),
        inputs.shipped(asked),
        inputs.usage(asked),
        inputs.terms(asked),
    )
    sys.stdout.write(told)
    return 0
