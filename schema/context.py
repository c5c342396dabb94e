"""The context of resolvers during one operation."""

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
    """Holds the viewer, loaders and policy of one operation.

    `authentication` is the viewer, or the error of a rejected token. The error is raised only when a field reads
    `viewer`, so a client can sign in with an expired token in its headers. `address` is the client address, or an empty
    text if it is unknown.
    """

    def __init__(self, resources: Resources, authentication: Viewer | Unauthenticated, address: str = "") -> None:
        self.resources = resources
        self.address = address
        self.database = resources.database
        self._authentication = authentication

    @property
    def viewer(self) -> Viewer:
        """The viewer. Raises `Unauthenticated` if the access token was rejected."""
        if isinstance(self._authentication, Unauthenticated):
            raise Unauthenticated(self._authentication.message)
        return self._authentication

    @property
    def signed_in(self) -> SignedIn:
        """The signed-in user. Raises `Unauthenticated` if there is none."""
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
        """Clears the loaders after a write, so that later reads see the new state."""
        for name in ("loaders", "policy"):
            self.__dict__.pop(name, None)

    def page(self, list_name: str, first: int | None, after: str | None) -> PageRequest:
        """Returns the requested page of a public list; `list_name` identifies the list and its object."""
        return read_page_request(self.resources.cursors, list_name, first, after)

    def pages(self, list_names: Sequence[str], first: int | None, after: str | None) -> list[PageRequest]:
        """Returns the same page of several public lists."""
        return read_page_requests(self.resources.cursors, list_names, first, after)

    def own_page(self, list_name: str, first: int | None, after: str | None) -> PageRequest:
        """Returns the requested page of a list of the viewer; its cursors are valid only for the viewer."""
        return self.page(f"{list_name}:{self.signed_in.user_id}", first, after)


Info = strawberry.Info[Context, None]
