# Generated from src/flowdock/client/_async/account.py by tools/unasync.py; edit that file instead
"""What belongs to the person whose token it is."""

from collections.abc import Iterable
from typing import Unpack

from flowdock.client import calls
from flowdock.client._sync.transport import Transport
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


class Account:
    """What one does about oneself; the part of a client that `account` names."""

    _transport: Transport

    def me(self) -> User:
        """The person whose token this is."""
        return self._transport.answer(calls.people.me())

    def update_user(self, id: int, **changes: Unpack[UpdateUserParameters]) -> User:
        """Oneself after a change of `nick`, `email`, `name`, `website`, `avatar`, `mail_notices` or `password`.

        A change of `email` or `password` needs the `current_password`, where there is one.

        Example:
            client.update_user(me["id"], nick="alice_", website="https://alice.example.com")

        Raises:
            TypeError: there is no such change, or none was given; the text names those there are.
        """
        return self._transport.answer(calls.people.update_user(id, changes))

    def conversations(self) -> list[Conversation]:
        """One's private conversations."""
        return self._transport.answer(calls.conversations.list_conversations())

    def sources(self) -> list[SourceDetails]:
        """The sources of all flows one is in."""
        return self._transport.answer(calls.sources.list_sources())

    def unread(self) -> list[Unread]:
        """What waits for one, by flow."""
        return self._transport.answer(calls.unread.unread())

    def mentions(self, *, limit: int | None = None) -> list[Notification]:
        """The messages that mention one, the newest first; `limit` is 1 to 100, 30 if not given.

        Example:
            for mention in client.mentions(limit=5):
                print(mention["message"]["content"])
        """
        return self._transport.answer(calls.unread.mentions(limit=limit))

    def unread_mentions(self, *, limit: int | None = None) -> list[Notification]:
        """Those of them that one has not read.

        Example:
            waiting = len(client.unread_mentions(limit=100))
        """
        return self._transport.answer(calls.unread.unreads(limit=limit))

    def accept_invitation(self, key: str) -> AcceptedInvitation:
        """The flow into which one came by an invitation or a join link, whose address ends with `key`.

        Example:
            client.accept_invitation(invitation_url.rpartition("/")[2])
        """
        return self._transport.answer(calls.invitations.accept_invitation(key))

    def tokens(self) -> list[TokenDetails]:
        """One's tokens: what each is for and when it was used last, without the secret itself."""
        return self._transport.answer(calls.tokens.list_tokens())

    def create_token(self, label: str, scopes: Iterable[str] | str | None = None) -> TokenDetails:
        """A new token, whose `token` is told only now.

        `scopes` say what it may be used for: "flow", "private", "manage", "profile", "integration"; everything if not
        given.

        Example:
            token = client.create_token("backup", scopes=["flow"])
        """
        return self._transport.answer(calls.tokens.create_token(label, scopes=scopes))

    def revoke_token(self, id: int) -> None:
        """End a token, and the streams that it opened.

        Example:
            for token in client.tokens():
                if token["label"] == "backup":
                    client.revoke_token(token["id"])
        """
        self._transport.answer(calls.tokens.revoke_token(id))

    def applications(self) -> list[ApplicationDetails]:
        """One's developer applications."""
        return self._transport.answer(calls.applications.list_applications())

    def application(self, id: int) -> ApplicationDetails:
        """One of them.

        Example:
            print((client.application(app["id"]))["name"])
        """
        return self._transport.answer(calls.applications.show_application(id))

    def create_application(
        self, name: str, redirect_uri: str | None = None, *, icon_url: str | None = None, setup_uri: str | None = None
    ) -> ApplicationDetails:
        """A new developer application, whose `client_secret` is told only now.

        `redirect_uri` is where authorization codes are sent; several have blanks between.

        Example:
            app = client.create_application("Tracker", "https://tracker.example.com/back")
            print(app["client_id"], app["client_secret"])
        """
        call = calls.applications.create_application(
            name, redirect_uri=redirect_uri, icon_url=icon_url, setup_uri=setup_uri
        )
        return self._transport.answer(call)

    def update_application(self, id: int, **changes: Unpack[ApplicationParameters]) -> ApplicationDetails:
        """An application as it is after a change of `name`, `redirect_uri`, `icon_url` or `setup_uri`.

        Example:
            client.update_application(app["id"], icon_url="https://tracker.example.com/icon.png")

        Raises:
            TypeError: there is no such change, or none was given; the text names those there are.
        """
        return self._transport.answer(calls.applications.update_application(id, changes))

    def renew_client_secret(self, id: int) -> ApplicationDetails:
        """An application with another `client_secret`, told only now; the one before ends.

        Example:
            secret = (client.renew_client_secret(app["id"]))["client_secret"]
        """
        return self._transport.answer(calls.applications.renew_client_secret(id))

    def remove_application(self, id: int) -> None:
        """Remove an application; what it was allowed ends.

        Example:
            client.remove_application(app["id"])
        """
        self._transport.answer(calls.applications.remove_application(id))
