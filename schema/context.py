"""The context of resolvers during one operation."""

from asyncio import Semaphore
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

import strawberry

from adapters.database import Database
from core.errors import Unauthenticated, Unavailable
from core.features import Feature
from core.i18n import DEFAULT_LANGUAGE
from core.paging import PageRequest, read_page_request, read_page_requests
from core.viewer import Anonymous, SignedIn, Viewer, signed_in
from loaders import FEATURES, LOADERS, SHARED, Loaders
from services.authorization.policy import BlockRow, Policy
from services.event_log.log import read_horizon
from services.live import StreamPosition, own_position
from services.resources import Resources

VIEWER_CURSOR, POST_CURSOR = FIRST_READS = ("Viewer.liveCursor", "Post.liveCursor")
"""Fields that tell from which point on live updates follow a response. They are read before everything else."""

OWN_COLUMNS = {
    "User.handle": "handle",
    "User.name": "name",
    "User.bio": "bio",
    "User.avatarUrl": "avatar_url",
    "User.createdAt": "created_at",
    "NotificationCounts.unseen": "unseen",
    "NotificationCounts.unread": "unread",
}
"""Fields with the columns of `own_by_id` that they may read, so that `Viewer.liveCursor` adds no statement."""

LOCALIZED_FIELDS = frozenset({"Notification.text"})
"""Fields whose values depend on the language of the caller, declared with `localized` of `schema.row`."""


def shared_loaders(resources: Resources) -> Loaders:
    """Returns loaders that several contexts may share, because their results do not depend on the viewer."""
    return Loaders({name: LOADERS[name] for name in SHARED}, _databases(resources), Anonymous())


def _databases(resources: Resources) -> Callable[[str], Database]:
    """Returns a function from the name of a loader to the database of its feature."""
    features = resources.features
    return lambda name: features[FEATURES[name]]


class Context:
    """Holds the viewer, loaders and policy of one operation.

    `authentication` is the viewer, or the error of a rejected token. The error is raised only when a field reads
    `viewer`, so a client can sign in with an expired token in its headers. `address` is the client address, or an empty
    text if it is unknown. `language` is that of texts. `last_event_id` is the header Last-Event-ID, which replaces
    `after`. `shared_loaders` are
    loaders of several contexts, for rows that are the same for every viewer. `slots` limits how many of their other
    loaders read at the same time.
    """

    def __init__(  # noqa: PLR0913 - the last four by name
        self,
        resources: Resources,
        authentication: Viewer | Unauthenticated,
        address: str = "",
        *,
        language: str = DEFAULT_LANGUAGE,
        last_event_id: str | None = None,
        shared_loaders: Loaders | None = None,
        slots: Semaphore | None = None,
    ) -> None:
        self.resources = resources
        self.address = address
        self.language = language
        self.last_event_id = last_event_id
        self.database = resources.database
        """The database without the limits of a feature, for other schemas than that of this repository."""
        self.viewer_position: StreamPosition | None = None
        """The viewer's position in their streams before the operation, for `Viewer.liveCursor`."""
        self.log_horizon: int | Unavailable | None = None
        """The first transaction of the event log that the operation may not see, for `Post.liveCursor`, or an error."""
        self.authentication = authentication
        self._shared_loaders = shared_loaders
        self._slots = slots

    @property
    def viewer(self) -> Viewer:
        """The viewer. Raises `Unauthenticated` if the access token was rejected."""
        if isinstance(self.authentication, Unauthenticated):
            raise Unauthenticated(self.authentication.message)
        return self.authentication

    @property
    def signed_in(self) -> SignedIn:
        """The signed-in user. Raises `Unauthenticated` if there is none."""
        return signed_in(self.viewer)

    def database_of(self, feature: Feature) -> Database:
        """Returns the database for the reads of a feature."""
        return self.resources.features[feature]

    def resources_of(self, feature: Feature) -> Resources:
        """Returns the resources for a mutation of a feature."""
        return self.resources.of_feature(feature)

    @cached_property
    def loaders(self) -> Loaders:
        databases = _databases(self.resources)
        return Loaders(LOADERS, databases, self.viewer, shared=self._shared_loaders, slots=self._slots)

    @cached_property
    def policy(self) -> Policy:
        loaders, viewer = self.loaders, self.viewer

        async def load_blocks() -> list[BlockRow]:
            return await loaders.load("blocks_by_owner", viewer.user_id)

        return Policy(viewer, load_blocks)

    async def read_first(self, fields: AbstractSet[str]) -> None:
        """Reads what selected fields need from before all other reads: those of `FIRST_READS`.

        Of other fields, those of `OWN_COLUMNS` matter.
        """
        if VIEWER_CURSOR in fields and isinstance(self.authentication, SignedIn):
            user_id = self.authentication.user_id
            columns = frozenset(StreamPosition._fields).union(OWN_COLUMNS[name] for name in OWN_COLUMNS.keys() & fields)
            (own,) = await self.loaders.load_level("own_by_id", [user_id], columns)
            self.viewer_position = own and own_position(own)
        if POST_CURSOR in fields:
            try:
                self.log_horizon = await read_horizon(self.database_of(Feature.LIVE))
            except Unavailable as error:  # only the cursors are missing
                self.log_horizon = error

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
