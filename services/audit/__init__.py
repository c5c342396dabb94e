"""The audit trail: how its rows are sealed, checking it, and a person's own part of it.

`services/relay/projections/audits.py` writes it. What it detects and what not is in `docs/decisions/0012-audit.md`.
"""

from services.audit.history import security_history
from services.audit.verify import AuditFault, Verification

__all__ = ["AuditFault", "Verification", "security_history"]
