# Generated from src/flowdock/client/_async/private.py by tools/unasync.py; edit that file instead
"""A private conversation."""

from collections.abc import Iterable

from flowdock.client import calls, places, subscriptions
from flowdock.client._sync.conversation import Conversation, new_uuid
from flowdock.client._sync.people import People
from flowdock.client._sync.transport import Transport
from flowdock.client.attachments import Uploadable, attachment
from flowdock.client.places import Place
from flowdock.client.progress import Progress
from flowdock.client.subscriptions import Subscription
from flowdock.protocol.resources import Conversation as ConversationDetails
from flowdock.protocol.types import Message


class Private(Conversation):
    """The conversation with one other person, whom an id or a display name (`nick`) tells.

    A name is looked up by the first call that needs the id, which raises `UnknownName` if nobody has it.

    Example:
        private = client(name="Ray_")
        private.send("Are you there?")
    """

    def __init__(
        self,
        transport: Transport,
        people: People,
        *,
        uid: int | str | None = None,
        name: str | None = None,
        alone: bool = False,
    ) -> None:
        super().__init__(transport, alone=alone)
        self._people = people
        self._uid = uid
        self._name = name

    def __repr__(self) -> str:
        partner = self._uid if self._name is None else self._name
        return f"<{type(self).__name__} with {partner} on {self._transport.settings.api_url}>"

    def uid(self) -> int | str:
        """The other person's id."""
        if self._uid is None:
            self._uid = self._people.uid_of(str(self._name))
        return self._uid

    def send(self, content: str, tags: Iterable[str] | str | None = None, *, uuid: str | None = None) -> Message:
        """Say something, of 1 to 8096 characters; `uuid` is as in a flow's `send`.

        Example:
            private.send("Are you there?")
        """
        return self._transport.answer(calls.messages.send(self._where(), content, tags=tags, uuid=uuid or new_uuid()))

    def upload(
        self,
        file_path: Uploadable,
        *,
        name: str | None = None,
        content_type: str | None = None,
        uuid: str | None = None,
        progress: Progress | None = None,
    ) -> Message:
        """Share a file; the rest is as in a flow's `upload`.

        Example:
            private.upload("diagram.png")
        """
        call = calls.messages.upload(
            self._where(), attachment(file_path, name=name, content_type=content_type), uuid=uuid or new_uuid()
        )
        return self._transport.answer(call, progress=progress)

    def info(self) -> ConversationDetails:
        """The conversation itself: whether it is shown among one's own, what waits in it, and who it is with."""
        return self._transport.answer(calls.conversations.show_conversation(self.uid()))

    def open(self) -> ConversationDetails:
        """Show the conversation among one's own."""
        return self._transport.answer(calls.conversations.update_conversation(self.uid(), open=True))

    def close_conversation(self) -> ConversationDetails:
        """Show it there no more, until somebody says something in it. `close()` ends the connections instead."""
        return self._transport.answer(calls.conversations.update_conversation(self.uid(), open=False))

    def _subscription(self) -> Subscription:
        return subscriptions.private(self.uid())

    def _where(self) -> Place:
        return places.private(self.uid())
