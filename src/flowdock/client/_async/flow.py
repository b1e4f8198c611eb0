"""A flow and its threads."""

from collections.abc import Iterable
from typing import Literal, TypeAlias, Unpack

from flowdock.client import calls, places, subscriptions, walks
from flowdock.client._async.conversation import AsyncConversation, Messages, new_uuid
from flowdock.client._async.integrations import AsyncIntegrations
from flowdock.client._async.membership import AsyncMembership
from flowdock.client._async.pages import AsyncPages
from flowdock.client._async.transport import AsyncTransport
from flowdock.client.attachments import Uploadable, attachment
from flowdock.client.places import Place
from flowdock.client.progress import Progress
from flowdock.client.subscriptions import Subscription
from flowdock.client.walks import Walk
from flowdock.protocol.errors import ApiError
from flowdock.protocol.parameters import ListParameters, ThreadListParameters, UpdateFlowParameters
from flowdock.protocol.resources import ActionResult, Unread
from flowdock.protocol.types import Flow as FlowDetails
from flowdock.protocol.types import Message
from flowdock.protocol.types import Thread as ThreadDetails

# `list` is a method below, so inside the classes it no longer means the type.
Threads: TypeAlias = list[ThreadDetails]


class AsyncFlow(AsyncConversation, AsyncMembership, AsyncIntegrations):
    """One flow.

    Example:
        async with flowdock.connect_async(token=TOKEN, org="acme", flow="main") as flow:
            msg = await flow.send("Hello", tags=["greeting"])
    """

    def __init__(self, transport: AsyncTransport, *, org: str, flow: str, alone: bool = False) -> None:
        super().__init__(transport, alone=alone)
        self.org = org
        self.flow = flow

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.org}/{self.flow} on {self._transport.settings.api_url}>"

    async def send(
        self,
        content: str,
        tags: Iterable[str] | str | None = None,
        thread_id: str | None = None,
        *,
        uuid: str | None = None,
    ) -> Message:
        """Say something, of 1 to 8096 characters; with `thread_id` as a reply in that thread.

        Of what is sent with the same `uuid` again the flow keeps one message, which is the answer each time; without
        it each call says something new. It has 1 to 64 characters.

        Example:
            msg = await flow.send("Hello", tags=["greeting"])
            await flow.send("and hello again", thread_id=msg["thread_id"])
        """
        call = calls.messages.send(
            await self._where(), content, tags=tags, thread_id=thread_id, uuid=uuid or new_uuid()
        )
        return await self._transport.answer(call)

    async def upload(
        self,
        file_path: Uploadable,
        *,
        thread_id: str | None = None,
        name: str | None = None,
        content_type: str | None = None,
        uuid: str | None = None,
        progress: Progress | None = None,
    ) -> Message:
        """Share a file; with `thread_id` in that thread.

        `file_path` is a path, the content itself as bytes, or something open that gives bytes, from where it stands on.
        It goes by its own name or by `name`, which what has none needs, and is what `content_type` says or the name's
        ending. It is read in pieces and may be sent again; what cannot be read twice is put on the disk first.
        `uuid` is as in `send`. `progress` is called with the bytes so far and those in all.

        Example:
            file = await flow.upload("diagram.png", thread_id=msg["thread_id"])
            print(file["content"]["path"])
        """
        call = calls.messages.upload(
            await self._where(),
            attachment(file_path, name=name, content_type=content_type),
            uuid=uuid or new_uuid(),
            thread_id=thread_id,
        )
        return await self._transport.answer(call, progress=progress)

    async def threads(self, **conditions: Unpack[ThreadListParameters]) -> Threads:
        """The threads of the flow, the one updated last first.

        `limit` is 1 to 100; `since` and `until` are moments such as "2019-12-01T00:00:00Z"; `application` and `empty`
        are known, but change nothing.

        Example:
            for thread in await flow.threads(limit=10):
                print(thread["title"], thread["internal_comments"])

        Raises:
            TypeError: there is no such condition; the text names those there are.
        """
        return await self._transport.answer(calls.threads.list_threads(self.org, self.flow, conditions))

    def all_threads(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        until_id: str | None = None,
        empty: bool | None = None,
    ) -> AsyncPages[ThreadDetails]:
        """All threads of the flow, however many, the one updated last first, asked for by the hundred.

        Each thread that there is at the beginning comes once; one that is updated meanwhile may come at the end.
        `since` and `until` are moments such as "2019-12-01T00:00:00Z"; with `empty` those without messages are among
        them. To go on another day, give the `updated_at` and the `id` of the last thread as `until` and `until_id`.

        Example:
            async for thread in flow.all_threads(since="2019-12-01T00:00:00Z"):
                print(thread["title"], thread["updated_at"])
        """

        async def begin() -> Walk[ThreadDetails]:
            return walks.ThreadWalk(self.org, self.flow, since=since, until=until, until_id=until_id, empty=empty)

        return AsyncPages(self._transport, begin)

    def thread(self, thread_id: str) -> "AsyncThread":
        """One thread, to reply into and to read; `msg["thread_id"]` is the id of a message's thread.

        Example:
            await flow.thread(msg["thread_id"]).send("I will look at it")
        """
        return AsyncThread(self._transport, org=self.org, flow=self.flow, thread_id=thread_id)

    async def info(self) -> FlowDetails:
        """The flow itself, with its people and sources."""
        return await self._transport.answer(calls.flows.show_flow(self.org, self.flow))

    async def update(self, **changes: Unpack[UpdateFlowParameters]) -> FlowDetails:
        """The flow as it is after a change; what is not given stays.

        For everybody: `open` (True shows it among one's own, and joins one that may be joined; False hides it),
        `team_notifications` (whether `@team` means oneself). For admins of the flow: `name` (its name in addresses
        stays), `description`, `access_mode` ("invitation", "link" or "organization"), `disabled` (True archives it).

        Example:
            await flow.update(description="Releases", access_mode="organization")

        Raises:
            TypeError: there is no such change, or none was given; the text names those there are.
        """
        return await self._transport.answer(calls.flows.update_flow(self.org, self.flow, changes))

    async def comment(
        self, msg_id: int, text: str, tags: Iterable[str] | str | None = None, *, uuid: str | None = None
    ) -> Message:
        """Remark on a message; in a thread it is a reply. `uuid` is as in `send`.

        Example:
            await flow.comment(msg["id"], "See also #12", tags=["review"])
        """
        call = calls.messages.comment(self.org, self.flow, msg_id, text, tags=tags, uuid=uuid or new_uuid())
        return await self._transport.answer(call)

    async def status(self, text: str, *, uuid: str | None = None) -> Message:
        """Say what one is doing, such as "at lunch"; it stands beside one's name in the flow.

        Example:
            await flow.status("at lunch")
        """
        call = calls.messages.set_status(await self._where(), text, uuid=uuid or new_uuid())
        return await self._transport.answer(call)

    async def rethread(self, msg_id: int, thread_id: str | None = None) -> None:
        """Move a message to another thread of the flow, or without `thread_id` to a new one of its own.

        One's own messages; for an admin of the flow any.

        Example:
            await flow.rethread(reply["id"], msg["thread_id"])
        """
        await self._transport.answer(calls.messages.rethread(self.org, self.flow, msg_id, thread_id))

    async def unread(self) -> Unread:
        """What mentions one in the flow and waits: how many messages, which, and how many in which thread."""
        return await self._transport.answer(calls.unread.unread_in_flow(self.org, self.flow))

    async def mark_read(self, *, thread_id: str | None = None, until_id: int | None = None) -> Unread:
        """Have read the flow, or of it a thread, or what came up to a message; the answer is what waits then.

        Example:
            await flow.mark_read(until_id=msg["id"])
        """
        call = calls.unread.mark_read(self.org, self.flow, thread_id=thread_id, until_id=until_id)
        return await self._transport.answer(call)

    async def _subscription(self) -> Subscription:
        return subscriptions.flow(self.org, self.flow)

    async def _where(self) -> Place:
        return places.flow(self.org, self.flow)


class AsyncThread:
    """One thread of a flow.

    Example:
        thread = flow.thread(msg["thread_id"])
        await thread.send("I will look at it")
        print([reply["content"] for reply in await thread.list()])
    """

    def __init__(self, transport: AsyncTransport, *, org: str, flow: str, thread_id: str) -> None:
        self._transport = transport
        self._where = places.thread(org, flow, thread_id)
        self.org = org
        self.flow = flow
        self.id = thread_id

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} of {self.org}/{self.flow}>"

    async def send(self, content: str, tags: Iterable[str] | str | None = None, *, uuid: str | None = None) -> Message:
        """Reply in the thread; `uuid` is as in a flow's `send`.

        Example:
            await flow.thread(msg["thread_id"]).send("I will look at it", tags=["bug"])
        """
        call = calls.messages.send(self._where, content, tags=tags, uuid=uuid or new_uuid())
        return await self._transport.answer(call)

    async def upload(
        self,
        file_path: Uploadable,
        *,
        name: str | None = None,
        content_type: str | None = None,
        uuid: str | None = None,
        progress: Progress | None = None,
    ) -> Message:
        """Share a file in the thread; the rest is as in a flow's `upload`.

        Example:
            await flow.thread(msg["thread_id"]).upload("diagram.png")
        """
        call = calls.messages.upload(
            self._where, attachment(file_path, name=name, content_type=content_type), uuid=uuid or new_uuid()
        )
        return await self._transport.answer(call, progress=progress)

    async def show(self) -> ThreadDetails:
        """The thread itself: its title, status, fields and counts."""
        return await self._transport.answer(calls.threads.show_thread(self.org, self.flow, self.id))

    async def run_action(self, key: str) -> ActionResult:
        """Press a button of the thread; `key` is the last part of its address in `thread["actions"]`.

        Whether the integration did it tells `done` of the answer, why not its `message`; with a `url` it wants one to
        sign in there first, and the button to be pressed again.

        Example:
            address = item["thread"]["actions"][0]["target"]["urlTemplate"]
            result = await flow.thread(item["thread_id"]).run_action(address.rpartition("/")[2])
            if result["url"]:
                print("Sign in at", result["url"])
        """
        try:
            return await self._transport.answer(calls.threads.run_action(self.org, self.flow, self.id, key))
        except ApiError as refusal:
            result = calls.threads.result_in(refusal)
            if result is None:
                raise
            return result

    async def list(self, **conditions: Unpack[ListParameters]) -> Messages:
        """The messages of the thread that meet the conditions of `flow.list`, ascending by id.

        Example:
            replies = await flow.thread(msg["thread_id"]).list(limit=10)
        """
        return await self._transport.answer(calls.messages.list_messages(self._where, conditions))

    def messages(
        self,
        *,
        since_id: int | None = None,
        until_id: int | None = None,
        newest_first: bool = False,
        event: Iterable[str] | str | None = None,
        search: str | None = None,
        tags: Iterable[str] | str | None = None,
        tag_mode: Literal["and", "or"] | None = None,
    ) -> AsyncPages[Message]:
        """All messages of the thread that meet the conditions, however many, as `flow.messages` gives those of a flow.

        Example:
            async for reply in flow.thread(msg["thread_id"]).messages():
                print(reply["content"])
        """

        async def begin() -> Walk[Message]:
            return walks.MessageWalk(
                self._where,
                since_id=since_id,
                until_id=until_id,
                newest_first=newest_first,
                event=event,
                search=search,
                tags=tags,
                tag_mode=tag_mode,
            )

        return AsyncPages(self._transport, begin)
