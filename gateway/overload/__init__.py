"""Limits the executions of this process while it has more work than it can do, and prefers what matters most."""

from gateway.overload.admission import Admission, Place, Shape
from gateway.overload.begun import note_begun, on_begun
from gateway.overload.early_rejections import EarlyRejections, KnownBody
from gateway.overload.prefetch import is_prefetch
from gateway.overload.priorities import Priority, priorities_of

__all__ = [
    "Admission",
    "EarlyRejections",
    "KnownBody",
    "Place",
    "Priority",
    "Shape",
    "is_prefetch",
    "note_begun",
    "on_begun",
    "priorities_of",
]
