"""The CDN in front of the servers: it is told which of the responses that it stores have changed."""

from adapters.cdn.base import Cdn, CdnUnavailable
from adapters.cdn.engines import open_cdn
from adapters.cdn.purges import Purges

__all__ = ["Cdn", "CdnUnavailable", "Purges", "open_cdn"]
