"""Creates the accounts that a run erases: popular authors, whose posts followers' feeds read."""

import itertools
import secrets
from dataclasses import dataclass

from bench.erasing.http import Server
from bench.fan_out.copy import make_all_follow, vacuum
from bench.world import BenchError
from core.global_ids import read_global_id
from core.settings import Settings
from services.event_log.counts import CountChange, add_to_totals
from services.resources import open_resources

SIGN_UP = (
    "mutation ($input: SignUpInput!) "
    "{ signUp(input: $input) { ... on SignUpSuccess { session { accessToken } user { id } } } }"
)
DELETE = "mutation ($input: DeleteAccountInput!) { deleteAccount(input: $input) { __typename } }"
DEVICE = {"name": "A phone", "platform": "IOS", "appVersion": "1"}

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Account:
    """Holds an account that has signed up, and the number of its followers."""

    user_id: int
    token: str
    password: str
    followers: int

    def delete(self, server: Server) -> None:
        """Deletes the account as an app does. Jobs then erase its data."""
        answer = server.ask(DELETE, {"input": {"password": self.password}}, self.token)
        if answer["deleteAccount"]["__typename"] != "DeleteAccountSuccess":
            raise BenchError(f"the account was not deleted: {answer}")


async def popular_account(url: str, server: Server, posts: int) -> Account:
    """Creates an account that all others follow. Only its own feed contains its posts."""
    password = f"open-{secrets.token_hex(8)}"
    handle = f"popular{next(_numbers)}_{secrets.token_hex(3)}"
    sent = {"email": f"{handle}@example.com", "password": password, "handle": handle, "name": handle, "device": DEVICE}
    result = server.ask(SIGN_UP, {"input": sent})["signUp"]
    user_id = read_global_id(result["user"]["id"], "id").id
    followers = await make_all_follow(url, user_id)
    await _publish(url, user_id, posts)
    await vacuum(url)
    return Account(user_id, result["session"]["accessToken"], password, followers)


async def _publish(url: str, author_id: int, posts: int) -> None:
    """Writes the rows of published posts, without events."""
    async with open_resources(Settings(database_url=url)) as resources, resources.database.transaction() as transaction:
        now, ids = resources.clock(), [resources.ids.next() for _ in range(posts)]
        rows = [(author_id, each, "A post.", now, True) for each in ids]
        await transaction.copy("posts", ("author_id", "id", "body", "created_at", "pulled"), rows)
        entries = [(author_id, each, author_id) for each in ids]
        await transaction.copy("feed_entries", ("owner_id", "post_id", "author_id"), entries)
        if posts:
            await transaction.copy("popular_authors", ("author_id", "since_at"), [(author_id, now)])
            await add_to_totals(transaction, [CountChange(author_id, author_id, "posts", posts)])
