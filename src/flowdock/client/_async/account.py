"""What belongs to the person whose token it is."""

from collections.abc import Iterable
from typing import Unpack

from flowdock.client import calls
from flowdock.client._async.transport import AsyncTransport
from flowdock.protocol.parameters import ApplicationParameters, UpdateUserParameters
from flowdock.protocol.resources import (
    AcceptedInvitation,
    ApplicationDetails,
    Conversation,
    Notification,
    SourceDetails,
    TokenDetails,
    Unread,
)
from flowdock.protocol.types import User


class AsyncAccount:
    """What one does about oneself; the part of a client that `account` names."""

    _transport: AsyncTransport

    async def me(self) -> User:
        """The person whose token this is."""
        return await self._transport.answer(calls.people.me())

    async def update_user(self, id: int, **changes: Unpack[UpdateUserParameters]) -> User:
        """Oneself after a change of `nick`, `email`, `name`, `website`, `avatar`, `mail_notices` or `password`.

        A change of `email` or `password` needs the `current_password`, where there is one.

        Example:
            await client.update_user(me["id"], nick="alice_", website="https://alice.example.com")

        Raises:
            TypeError: there is no such change, or none was given; the text names those there are.
        """
        return await self._transport.answer(calls.people.update_user(id, changes))

    async def conversations(self) -> list[Conversation]:
        """One's private conversations."""
        return await self._transport.answer(calls.conversations.list_conversations())

    async def sources(self) -> list[SourceDetails]:
        """The sources of all flows one is in."""
        return await self._transport.answer(calls.sources.list_sources())

    async def unread(self) -> list[Unread]:
        """What waits for one, by flow."""
        return await self._transport.answer(calls.unread.unread())

    async def mentions(self, *, limit: int | None = None) -> list[Notification]:
        """The messages that mention one, the newest first; `limit` is 1 to 100, 30 if not given.

        Example:
            for mention in await client.mentions(limit=5):
                print(mention["message"]["content"])
        """
        return await self._transport.answer(calls.unread.mentions(limit=limit))

    async def unread_mentions(self, *, limit: int | None = None) -> list[Notification]:
        """Those of them that one has not read.

        Example:
            waiting = len(await client.unread_mentions(limit=100))
        """
        return await self._transport.answer(calls.unread.unreads(limit=limit))

    async def accept_invitation(self, key: str) -> AcceptedInvitation:
        """The flow into which one came by an invitation or a join link, whose address ends with `key`.

        Example:
            await client.accept_invitation(invitation_url.rpartition("/")[2])
        """
        return await self._transport.answer(calls.invitations.accept_invitation(key))

    async def tokens(self) -> list[TokenDetails]:
        """One's tokens: what each is for and when it was used last, without the secret itself."""
        return await self._transport.answer(calls.tokens.list_tokens())

    async def create_token(self, label: str, scopes: Iterable[str] | str | None = None) -> TokenDetails:
        """A new token, whose `token` is told only now.

        `scopes` say what it may be used for: "flow", "private", "manage", "profile", "integration"; everything if not
        given.

        Example:
            token = await client.create_token("backup", scopes=["flow"])
        """
        return await self._transport.answer(calls.tokens.create_token(label, scopes=scopes))

    async def revoke_token(self, id: int) -> None:
        """End a token, and the streams that it opened.

        Example:
            for token in await client.tokens():
                if token["label"] == "backup":
                    await client.revoke_token(token["id"])
        """
        await self._transport.answer(calls.tokens.revoke_token(id))

    async def applications(self) -> list[ApplicationDetails]:
        """One's developer applications."""
        return await self._transport.answer(calls.applications.list_applications())

    async def application(self, id: int) -> ApplicationDetails:
        """One of them.

        Example:
            print((await client.application(app["id"]))["name"])
        """
        return await self._transport.answer(calls.applications.show_application(id))

    async def create_application(
        self, name: str, redirect_uri: str | None = None, *, icon_url: str | None = None, setup_uri: str | None = None
    ) -> ApplicationDetails:
        """A new developer application, whose `client_secret` is told only now.

        `redirect_uri` is where authorization codes are sent; several have blanks between.

        Example:
            app = await client.create_application("Tracker", "https://tracker.example.com/back")
            print(app["client_id"], app["client_secret"])
        """
        call = calls.applications.create_application(
            name, redirect_uri=redirect_uri, icon_url=icon_url, setup_uri=setup_uri
        )
        return await self._transport.answer(call)

    async def update_application(self, id: int, **changes: Unpack[ApplicationParameters]) -> ApplicationDetails:
        """An application as it is after a change of `name`, `redirect_uri`, `icon_url` or `setup_uri`.

        Example:
            await client.update_application(app["id"], icon_url="https://tracker.example.com/icon.png")

        Raises:
            TypeError: there is no such change, or none was given; the text names those there are.
        """
        return await self._transport.answer(calls.applications.update_application(id, changes))

    async def renew_client_secret(self, id: int) -> ApplicationDetails:
        """An application with another `client_secret`, told only now; the one before ends.

        Example:
            secret = (await client.renew_client_secret(app["id"]))["client_secret"]
        """
        return await self._transport.answer(calls.applications.renew_client_secret(id))

    async def remove_application(self, id: int) -> None:
        """Remove an application; what it was allowed ends.

        Example:
            await client.remove_application(app["id"])
        """
        await self._transport.answer(calls.applications.remove_application(id))
