from datetime import UTC, datetime

from core.keys import KeyRing
from services.audit.seals import ZERO_HASH, AuditEntry, AuditEvent, Head, Seals, Total

EVENT = AuditEvent(7, "SESSION_BEGAN", 1, 2, datetime(2026, 1, 1, tzinfo=UTC))
HASH = "8ad655449e0ec45d239cb47412d27eacf06f70d4b10c2ac7978052edc4be1d7f"
HEAD_SEAL = "b0a0f2f7652015cdf94841aa8ca519f1543058b59f8caaab7e860b9b1ae06941"
TOTAL_SEAL = "b8d79b2f47fb33ab4d2b9e080b29f1f9bf2d471fd4577a8e0ebce98e6f4cb2ab"


def test_seals_of_stored_rows_stay_the_same() -> None:
    """With other values, the audit trails of existing databases would count as forged."""
    seals = Seals(KeyRing(f"old:{'o' * 32}"))
    entry = seals.next_entry(None, EVENT)
    assert entry == AuditEntry(7, 1, "SESSION_BEGAN", 1, 2, EVENT.occurred_at, "old", ZERO_HASH, HASH)
    head = seals.next_head(None, entry)
    assert head == Head(7, 1, HASH, "old", HEAD_SEAL)
    assert seals.next_total(None, 3, [], [head.seal]) == Total(3, HEAD_SEAL, "old", TOTAL_SEAL)
