"""Events contain texts in the language of each device."""

from core.viewer import SignedIn
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import Following
from tests.support.sockets import opened


async def test_two_devices_of_a_user_receive_texts_in_their_languages(following: Following, client: Client) -> None:
    post, ana = await App(client, "ana").publishes(), await client.user_id("ana")
    await following.project()
    issue = client.resources.access_tokens.issue
    tokens = [issue(SignedIn(ana, 1), "de")[0], issue(SignedIn(ana, 1), "ja-JP")[0], issue(SignedIn(ana, 2))[0]]
    headers = [{"authorization": f"Bearer {token}"} for token in tokens]
    async with (
        opened(following.server, **headers[0]) as german,
        opened(following.server, **headers[1]) as japanese,
        opened(following.server, **headers[2]) as english,
    ):
        followed = [await following.follow_viewer(socket) for socket in (german, japanese, english)]
        await App(client, "lina").does("LikePost", postId=post)
        await following.project()
        texts = [(await each.event())["notification"]["text"] for each in followed]
    assert texts == [
        "Lina Castro gefällt dein Beitrag.",
        "Lina Castroさんがあなたの投稿に「いいね!」しました。",
        "Lina Castro liked your post.",
    ]
