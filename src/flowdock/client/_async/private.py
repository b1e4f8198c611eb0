"""A private conversation."""

from collections.abc import Iterable

from flowdock.client import calls, places, subscriptions
from flowdock.client._async.conversation import AsyncConversation, new_uuid
from flowdock.client._async.people import AsyncPeople
from flowdock.client._async.transport import AsyncTransport
from flowdock.client.attachments import Uploadable, attachment
from flowdock.client.places import Place
from flowdock.client.progress import Progress
from flowdock.client.subscriptions import Subscription
from flowdock.protocol.resources import Conversation as ConversationDetails
from flowdock.protocol.types import Message


class AsyncPrivate(AsyncConversation):
    """The conversation with one other person, whom an id or a display name (`nick`) tells.

    A name is looked up by the first call that needs the id, which raises `UnknownName` if nobody has it.

    Example:
        private = client(name="Ray_")
        await private.send("Are you there?")
    """

    def __init__(
        self,
        transport: AsyncTransport,
        people: AsyncPeople,
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

    async def uid(self) -> int | str:
        """The other person's id."""
        if self._uid is None:
            self._uid = await self._people.uid_of(str(self._name))
        return self._uid

    async def send(self, content: str, tags: Iterable[str] | str | None = None, *, uuid: str | None = None) -> Message:
        """Say something, of 1 to 8096 characters; `uuid` is as in a flow's `send`.

        Example:
            await private.send("Are you there?")
        """
        return await self._transport.answer(
            calls.messages.send(await self._where(), content, tags=tags, uuid=uuid or new_uuid())
        )

    async def upload(
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
            await private.upload("diagram.png")
        """
        call = calls.messages.upload(
            await self._where(), attachment(file_path, name=name, content_type=content_type), uuid=uuid or new_uuid()
        )
        return await self._transport.answer(call, progress=progress)

    async def info(self) -> ConversationDetails:
        """The conversation itself: whether it is shown among one's own, what waits in it, and who it is with."""
        return await self._transport.answer(calls.conversations.show_conversation(await self.uid()))

    async def open(self) -> ConversationDetails:
        """Show the conversation among one's own."""
        return await self._transport.answer(calls.conversations.update_conversation(await self.uid(), open=True))

    async def close_conversation(self) -> ConversationDetails:
        """Show it there no more, until somebody says something in it. `close()` ends the connections instead."""
        return await self._transport.answer(calls.conversations.update_conversation(await self.uid(), open=False))

    async def _subscription(self) -> Subscription:
        return subscriptions.private(await self.uid())

    async def _where(self) -> Place:
        return places.private(await self.uid())
