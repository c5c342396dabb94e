"""`bff payments`: verifies payments, wallets and the ledger, and compares them with the provider's statement."""

import argparse
import asyncio
import sys

from cli.payment_statement import add_reconcile, reconcile_statement
from cli.resources import open_migrated
from core.errors import SettingsError
from core.settings import Settings
from core.wording import count_of
from services.payments.verification import LedgerVerification


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    text = "list payments, entries and wallets that break a rule of the ledger"
    actions.add_parser("verify", help=text, description=text)
    add_reconcile(actions)


def run(settings: Settings, options: argparse.Namespace) -> None:
    if options.action == "reconcile":
        reconcile_statement(settings, options)
        return
    faults = asyncio.run(verify(settings))
    if faults:
        raise SettingsError(
            f"faults in the ledger: {faults}; stop payments, keep a copy of the database, and find out why"
        )


async def verify(settings: Settings) -> int:
    """Prints all faults and returns their number."""
    async with open_migrated(settings) as resources:
        verification, faults = LedgerVerification(resources.database), 0
        async for fault in verification.faults():
            sys.stdout.write(f"{fault.where}  {fault.fault}\n")
            faults += 1
    payments = count_of(verification.payments, "payment")
    entries = count_of(verification.entries, "entry", "entries")
    wallets = count_of(verification.wallets, "wallet")
    verdict = count_of(faults, "fault") if faults else "no faults"
    sys.stdout.write(f"verified {payments}, {entries} and {wallets}: {verdict}\n")
    return faults
