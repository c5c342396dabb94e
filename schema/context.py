"""What a resolver has at hand during one operation."""

from collections.abc import Sequence
from functools import cached_property

import strawberry

from core.errors import Unauthenticated
from core.paging import PageRequest, read_page_request, read_page_requests
from core.viewer import SignedIn, Viewer, signed_in
from loaders import LOADERS, Loaders
from services.authorization.policy import BlockRow, Policy
from services.resources import Resources


class Context:
    """Made for one operation and forgotten with it.

    `authentication` is who the token says is asking, or why it is not trusted; that is only held against an operation
    that wants to know, so signing in works with an expired token still attached. `address` is the network address from
    where it is asked, empty when it is not known.
    """

    def __init__(self, resources: Resources, authentication: Viewer | Unauthenticated, address: str = "") -> None:
        self.resources = resources
        self.address = address
        self.database = resources.database
        self._authentication = authentication

    @property
    def viewer(self) -> Viewer:
        """Who is asking; `Unauthenticated` when a token was sent that is not to be trusted."""
        if isinstance(self._authentication, Unauthenticated):
            raise Unauthenticated(self._authentication.message)
        return self._authentication

    @property
    def signed_in(self) -> SignedIn:
        """The person who is asking; `Unauthenticated` when nobody is signed in."""
        return signed_in(self.viewer)

    @cached_property
    def loaders(self) -> Loaders:
        return Loaders(LOADERS, self.database, self.viewer)

    @cached_property
    def policy(self) -> Policy:
        loaders, viewer = self.loaders, self.viewer

        async def load_blocks() -> list[BlockRow]:
            return await loaders.load("blocks_by_owner", viewer.user_id)

        return Policy(viewer, load_blocks)

    def forget_reads(self) -> None:
        """What is read from now on is read anew, since something was changed."""
        for name in ("loaders", "policy"):
            self.__dict__.pop(name, None)

    def page(self, list_name: str, first: int | None, after: str | None) -> PageRequest:
        """A page of a list that is the same for everyone; `list_name` says which list of which thing."""
        return read_page_request(self.resources.cursors, list_name, first, after)

    def pages(self, list_names: Sequence[str], first: int | None, after: str | None) -> list[PageRequest]:
        """The same page of several such lists."""
        return read_page_requests(self.resources.cursors, list_names, first, after)

    def own_page(self, list_name: str, first: int | None, after: str | None) -> PageRequest:
        """A page of a list of the viewer's own; its cursors are of no use to anybody else."""
        return self.page(f"{list_name}:{self.signed_in.user_id}", first, after)


Info = strawberry.Info[Context, None]
