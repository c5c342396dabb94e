"""`bff dev`: migrates, seeds an empty database, and serves with an embedded worker."""

import argparse
import asyncio
import sys

from starlette.applications import Starlette

import cli.serve
from cli.listening import address_of, listen
from cli.serve import serve
from core.errors import SettingsError
from core.settings import Settings
from services.maintenance.heartbeats import keep_heartbeats
from services.maintenance.key_holders import check_keys
from services.maintenance.migrations import migrate
from services.maintenance.seed import DEMO_HANDLES, demo_email, demo_password, seed
from services.relay import check_log
from services.resources import open_resources
from workers import run_jobs, run_relay

_SEED_NUMBER = 1


def run(settings: Settings, _options: argparse.Namespace) -> None:
    if settings.env == "production":
        raise SettingsError("BFF_ENV: 'bff dev' creates users with public passwords; use 'bff serve' in production")
    listener = listen(settings.host, settings.port, "PORT")
    asyncio.run(_prepare(settings))
    sys.stdout.write(_welcome(address_of(listener), settings.database_url))
    sys.stdout.flush()
    serve(settings, listener, workers=1, factory=application)


def application() -> Starlette:
    """Returns the server's application, with the worker's loops and a cache in the same process."""
    return cli.serve.application([keep_heartbeats, run_relay, run_jobs], {"BFF_CACHE_URL": "memory://"})


async def _prepare(settings: Settings) -> None:
    async with open_resources(settings) as resources:
        await migrate(resources.database, lambda name: sys.stdout.write(f"applied {name}\n"), contract=True)
        await check_log(resources.database)
        await check_keys(resources)
        if not await resources.database.fetch("SELECT 1 AS one FROM users LIMIT 1"):
            await seed(resources, _SEED_NUMBER)


def _welcome(url: str, database_url: str) -> str:
    people = "\n".join(f"    {demo_email(handle)}   {demo_password(handle)}" for handle in DEMO_HANDLES)
    return f"""
  GraphQL and GraphiQL   {url}/graphql
  Schema                 {url}/schema.graphql
  Database               {database_url.rpartition("@")[2]}

  Sign in with the mutation logIn as one of these users
{people}
  or print an access token:  .venv/bin/bff token ana

"""
