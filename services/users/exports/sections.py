"""The sections of the document, in order. Each is a list of rows."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from services.security.vault import Vault


class Section(NamedTuple):
    """`sql` returns rows of an owner ($1) after a `place` ($2), at most $3, with their `place`, in its order.

    Columns in `sealed` are encrypted at rest. Columns in `flags` are booleans, which SQLite stores as numbers.
    """

    name: str
    sql: str
    sealed: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def _numbered(columns: str, tables: str, owner: str, place: str) -> str:
    return (
        f"SELECT {place} AS place, {columns} FROM {tables} "  # noqa: S608 - built from constants
        f"WHERE {owner} = $1 AND {place} > $2 ORDER BY {place} LIMIT $3"
    )


def _few(columns: str, tables: str, owner: str) -> str:
    """Returns a statement for tables with a few rows per user, which are read at once."""
    return f"SELECT 1 AS place, {columns} FROM {tables} WHERE {owner} = $1 AND CAST($2 AS BIGINT) < 1 LIMIT $3"  # noqa: S608 - as above


_PAYMENTS = (
    "payment_parties pp JOIN payments p ON p.owner_id = pp.payment_owner_id AND p.id = pp.payment_id "
    "LEFT JOIN users u ON u.id = pp.counterparty_id"
)


def _marked(alias: str, kind: str) -> str:
    """Returns a join with the first mark of a kind up to the notification `n` or a later one."""
    return (
        f"LEFT JOIN inbox_marks {alias} ON {alias}.owner_id = n.owner_id AND {alias}.kind = '{kind}' "  # noqa: S608 - built from constants
        f"AND {alias}.up_to = (SELECT MIN(m.up_to) FROM inbox_marks m WHERE m.owner_id = n.owner_id "
        f"AND m.kind = '{kind}' AND m.up_to >= n.id)"
    )


SECTIONS: Sequence[Section] = (
    Section(
        "account",
        _few(
            "u.handle, u.name, u.bio, u.avatar_url, u.created_at, c.email, c.changed_at AS password_changed_at, "
            "v.last_at AS last_visit_at, v.previous_at AS visit_before_at",
            "users u JOIN credentials c ON c.user_id = u.id LEFT JOIN visits v ON v.owner_id = u.id",
            "u.id",
        ),
        sealed=("email",),
    ),
    Section(
        "devices",
        _numbered(
            "d.name, d.platform, d.app_version, d.locale, d.time_zone, p.provider AS push_provider, "
            "p.token AS push_token, p.registered_at AS push_registered_at, d.created_at, d.last_seen_at",
            "devices d LEFT JOIN push_tokens p ON p.user_id = d.owner_id AND p.device_id = d.id",
            "d.owner_id",
            "d.id",
        ),
        sealed=("push_token",),
    ),
    Section(
        "security",
        _numbered("a.kind, a.occurred_at, a.device_id", "audit_entries a", "a.owner_id", "a.place"),
    ),
    Section(
        "following",
        _numbered(
            "u.handle, f.created_at AS since_at",
            "follows f JOIN users u ON u.id = f.followee_id",
            "f.owner_id",
            "f.id",
        ),
    ),
    Section(
        "followers",
        _numbered(
            "u.handle, f.created_at AS since_at",
            "follows f JOIN users u ON u.id = f.owner_id",
            "f.followee_id",
            "f.id",
        ),
    ),
    Section(
        "blocked",
        _numbered(
            "u.handle, b.created_at AS since_at",
            "blocks b JOIN users u ON u.id = b.other_id",
            "b.outgoing AND b.owner_id",
            "b.id",
        ),
    ),
    Section(
        "posts",
        _numbered("p.id, p.body, p.created_at, p.edited_at, p.deleted_at", "posts p", "p.author_id", "p.id"),
    ),
    Section(
        "comments",
        _numbered(
            "c.id, u.handle AS under_a_post_of, c.post_id, c.body, c.created_at, c.deleted_at",
            "comments c LEFT JOIN users u ON u.id = c.owner_id",
            "c.author_id",
            "c.id",
        ),
    ),
    Section(
        "likes",
        _numbered(
            "u.handle AS a_post_of, l.post_id, l.created_at",
            "likes l LEFT JOIN users u ON u.id = l.owner_id",
            "l.user_id",
            "l.post_id",
        ),
    ),
    Section(
        "notifications",
        _numbered(
            "n.kind, n.cause, u.handle AS actor, n.actor_count, n.subject_type, n.subject_id, n.created_at, "
            "COALESCE(n.seen_at, s.marked_at) AS seen_at, COALESCE(n.read_at, r.marked_at) AS read_at, n.archived_at",
            f"notifications n LEFT JOIN users u ON u.id = n.actor_id {_marked('s', 'SEEN')} {_marked('r', 'READ')}",
            "n.owner_id",
            "n.id",
        ),
    ),
    Section(
        "channels",
        _few("c.kind, c.in_app, c.push, c.email", "channel_preferences c", "c.owner_id"),
        flags=("in_app", "push", "email"),
    ),
    Section("quietHours", _few("q.starts_at_minute, q.ends_at_minute, q.time_zone", "quiet_hours q", "q.owner_id")),
    Section("emailPreferences", _few("e.frequency", "email_preferences e", "e.owner_id")),
    Section(
        "wallets",
        _numbered("w.currency, w.available, w.pending, w.created_at", "wallets w", "w.owner_id", "w.id"),
    ),
    Section(
        "walletEntries",
        _numbered(
            "e.payment_id, e.amount, e.balance_after, e.currency, e.created_at",
            "ledger_entries e",
            "e.account = 'WALLET' AND e.owner_id",
            "e.id",
        ),
    ),
    Section(
        "payments",
        _numbered(
            "p.id, p.kind, p.status, pp.direction, u.handle AS counterparty, p.amount, p.refunded_amount, p.currency, "
            "p.note, p.failure_code, p.refunds_id, p.cause, p.provider, p.created_at, p.updated_at",
            _PAYMENTS,
            "pp.owner_id",
            "pp.payment_id",
        ),
    ),
    Section(
        "paymentMethods",
        _numbered(
            "m.brand, m.last_four, m.expires_on, m.is_default, m.created_at, m.removed_at",
            "payment_methods m",
            "m.owner_id",
            "m.id",
        ),
        flags=("is_default",),
    ),
)


def shown(section: Section, vault: Vault, owner_id: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a row of the document. Ids are strings, because JavaScript numbers cannot represent them."""
    values = {column: value for column, value in row.items() if column != "place"}
    for column, value in values.items():
        if value is not None and column in section.sealed:
            values[column] = vault.open(owner_id, bytes(value))
        elif column in section.flags:
            values[column] = bool(value)
        elif isinstance(value, int) and column.endswith("id"):
            values[column] = str(value)
    return values
