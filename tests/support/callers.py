"""Reads every field as every kind of caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type

from core.global_ids import global_id
from events import PasswordChanged
from services.unit_of_work import unit_of_work
from tests.support.client import Client
from tests.support.relay import drained
from tests.support.world import block

CALLERS = ("anonymous", "stranger", "blocked", "blocker", "owner")
"""The callers of ana's fields: anonymous, a stranger, a user blocked by ana, a user who has blocked ana, and ana."""

HANDLES = {"anonymous": None, "stranger": "dia", "blocked": "ben", "blocker": "chi", "owner": "ana"}


@dataclass(frozen=True)
class Things:
    """Holds the global id of one object of each type, all of them ana's."""

    ids: Mapping[str, str]


async def things_of_ana(client: Client) -> Things:
    ana = await client.user_id("ana")
    await block(client.resources, ana, await client.user_id("ben"))
    await block(client.resources, await client.user_id("chi"), ana)
    queries = {
        "Post": "SELECT id FROM posts WHERE author_id = $1 LIMIT 1",
        "Comment": "SELECT id FROM comments WHERE owner_id = $1 AND author_id = $1 LIMIT 1",
        "Notification": "SELECT n.id FROM notifications n WHERE n.owner_id = $1 "
        "AND n.actor_id NOT IN (SELECT b.other_id FROM blocks b WHERE b.owner_id = $1) LIMIT 1",
        "Payment": "SELECT id FROM payments WHERE owner_id = $1 AND kind = 'TOP_UP' LIMIT 1",
        "Device": "SELECT id FROM devices WHERE owner_id = $1 LIMIT 1",
        "Wallet": "SELECT id FROM wallets WHERE owner_id = $1 LIMIT 1",
        "WalletEntry": "SELECT id FROM ledger_entries WHERE owner_id = $1 AND account = 'WALLET' LIMIT 1",
        "SecurityEvent": "SELECT event_id AS id FROM audit_entries WHERE owner_id = $1 LIMIT 1",
        "PaymentMethod": "SELECT id FROM payment_methods WHERE owner_id = $1 LIMIT 1",
        "DataExport": "SELECT id FROM data_exports WHERE owner_id = $1 LIMIT 1",
    }
    await _comment_of_her_own(client, ana)
    await _security_event_of_her_own(client, ana)
    await _export_of_her_own(client, ana)
    found = {typename: (await client.resources.database.fetch(sql, ana))[0]["id"] for typename, sql in queries.items()}
    ids = {typename: global_id(typename, ana, row_id) for typename, row_id in found.items()}
    return Things({"User": global_id("User", ana, ana), **ids})


async def _comment_of_her_own(client: Client, ana: int) -> None:
    await client.resources.database.fetch(
        "UPDATE comments SET author_id = $1 WHERE id = (SELECT MIN(id) FROM comments WHERE owner_id = $1)", ana
    )


async def _security_event_of_her_own(client: Client, ana: int) -> None:
    async with unit_of_work(client.resources) as work:
        work.emit(PasswordChanged(actor_id=ana))
    await drained(client.resources)


async def _export_of_her_own(client: Client, ana: int) -> None:
    now = client.resources.clock()
    await client.resources.database.fetch(
        "INSERT INTO data_exports (owner_id, id, requested_at, section, after_place, parts, bytes, ready_at, "
        "expires_at) VALUES ($1, $2, $3, 0, 0, 0, 9, $3, $4)",
        ana,
        client.resources.ids.next(),
        now,
        now + timedelta(days=1),
    )


def whole_field(schema: GraphQLSchema, typename: str, field: str) -> str:
    """Returns a selection of a field: leaf fields as they are, others with their typename."""
    kind = schema.type_map[typename]
    assert isinstance(kind, GraphQLObjectType)
    return field if is_leaf_type(get_named_type(kind.fields[field].type)) else f"{field} {{ __typename }}"


async def read_field(client: Client, caller: str, node_id: str, typename: str, selection: str) -> Any:
    """Returns the object as the caller reads it, or None when it is hidden."""
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on {typename} {{ {selection} }} }} }}"
    answer = await client.ask(query, {"id": node_id}, as_=HANDLES[caller])
    assert "errors" not in answer, answer
    return answer["data"]["node"]
