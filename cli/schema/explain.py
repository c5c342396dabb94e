"""`bff schema explain`."""

import argparse
import sys

from cli.schema import inputs
from cli.schema.failing import fails_with_two
from core.settings import Settings
from gate.explain import explain


@fails_with_two
def run(_settings: Settings, asked: argparse.Namespace) -> int:
    shipped = inputs.shipped(asked)
    told = explain(
        asked.coordinate,
        inputs.head(asked),
        shipped,
        inputs.usage(asked),
        inputs.terms(asked),
    )
    sys.stderr.writelines(f"bff: {warning}\n" for warning in shipped.warnings)
    sys.stdout.write(told)
    return 0
