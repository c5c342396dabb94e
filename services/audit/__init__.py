"""The audit trail: its seals, its verification, and the part that its owner may read.

`services/relay/projections/audits.py` writes it. `docs/decisions/0012-audit.md` says which changes it detects.
"""

from services.audit.history import security_history
from services.audit.verify import AuditFault, Verification

__all__ = ["AuditFault", "Verification", "security_history"]
