"""The response store: keeps responses as bytes, and says which of them are still current.

Beside the responses there is one stream of announcements. A writer appends the tags of what it has changed, after its
commit and before it acknowledges. A read returns the bytes of a response together with everything that was appended
before the read began. A response is current if none of its tags moved after the position of the stream that its
execution began with.
"""

from adapters.response_store.base import ANYTHING, Hold, ResponseStore, StoreUnavailable
from adapters.response_store.engines import open_response_store
from adapters.response_store.tail import Tail

__all__ = ["ANYTHING", "Hold", "ResponseStore", "StoreUnavailable", "Tail", "open_response_store"]
