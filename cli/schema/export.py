"""`bff schema export`: prints the schema as SDL."""

import argparse
import sys

from core.settings import Settings
from resolvers.schema import build_schema, print_sdl


def run(_settings: Settings, _options: argparse.Namespace) -> None:
    sys.stdout.write(print_sdl(build_schema()))
