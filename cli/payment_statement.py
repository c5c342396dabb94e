"""`bff payments reconcile`: compares the ledger with the statement of the payment provider."""

import argparse
import asyncio
import sys
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.payments import ProviderUnavailable
from cli.resources import open_migrated
from core.errors import SettingsError
from core.settings import Settings
from core.wording import count_of
from services.payments.differences import DELAY, MAX_STORED, replace_differences
from services.payments.reconcile import Difference, reconcile

_DAY = timedelta(days=1)


def add_reconcile(actions: Any) -> None:
    """Adds the action to those of `bff payments`."""
    text = "list differences between the ledger and the statement of the payment provider"
    parser = actions.add_parser("reconcile", help=text, description=text)
    more = "as 2026-11-30 or 2026-11-30T12:00:00Z; by default"
    parser.add_argument("--since", type=_instant, metavar="TIME", help=f"first instant, {more} a day before --until")
    parser.add_argument("--until", type=_instant, metavar="TIME", help=f"end, {more} an hour ago")


def reconcile_statement(settings: Settings, options: argparse.Namespace) -> None:
    """Prints every difference, and raises `SettingsError` if there is one."""
    found = asyncio.run(_reconcile(settings, options.since, options.until))
    if found:
        raise SettingsError(
            f"differences between the ledger and the statement: {found}; docs/payments.md explains each kind"
        )


async def _reconcile(settings: Settings, since: datetime | None, until: datetime | None) -> int:
    """Prints and stores the differences, so that they replace those of earlier comparisons. Returns their number."""
    async with open_migrated(settings) as resources:
        end = until or resources.clock() - DELAY
        begin = since or end - _DAY
        if begin >= end:
            raise SettingsError("--since must be earlier than --until")
        kept, number = list[Difference](), 0
        try:
            async with aclosing(reconcile(resources, begin, end)) as differences:
                async for difference in differences:
                    sys.stdout.write(_describe(difference) + "\n")
                    number += 1
                    if number <= MAX_STORED:
                        kept.append(difference)
        except ProviderUnavailable as error:
            raise SettingsError(f"BFF_PAYMENTS_URL: the payment provider does not answer: {error}") from error
        await replace_differences(resources, kept, begin, end)
    verdict = f"{count_of(number, 'difference')}" if number else "no difference"
    sys.stdout.write(f"compared {begin:%Y-%m-%dT%H:%M:%SZ} to {end:%Y-%m-%dT%H:%M:%SZ}: {verdict}\n")
    return number


def _describe(difference: Difference) -> str:
    payment = f"{difference.payment.owner_id}/{difference.payment.id}" if difference.payment else "-"
    sides = f"provider: {difference.at_provider or '-'}  ledger: {difference.in_ledger or '-'}"
    at = f"{difference.happened_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return f"{difference.kind.value}  {difference.reference}  payment: {payment}  {sides}  {at}"


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2026-11-30T12:00:00Z") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
