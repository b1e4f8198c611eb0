"""What one does in a flow and in a private conversation alike."""

import secrets
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Self, TypeAlias, Unpack, overload

from flowdock.client import calls, walks
from flowdock.client._async import files
from flowdock.client._async.events import AsyncStream
from flowdock.client._async.pages import AsyncPages
from flowdock.client._async.transport import AsyncTransport
from flowdock.client.places import Place
from flowdock.client.progress import Progress
from flowdock.client.reading import OnState
from flowdock.client.subscriptions import Subscription
from flowdock.client.walks import Walk
from flowdock.protocol.parameters import ListParameters
from flowdock.protocol.types import Message

# `list` is a method below, so inside the class it no longer means the type.
Messages: TypeAlias = list[Message]


def new_uuid() -> str:
    """A name for a message that is not sent yet, so that the server knows it when it comes twice."""
    return secrets.token_urlsafe(16)


class AsyncConversation:
    """A place with messages. Every answer is the server's JSON as a plain dictionary.

    Every call may raise what `flowdock.ApiError` and `flowdock.ConnectionFailed` stand for.
    """

    def __init__(self, transport: AsyncTransport, *, alone: bool) -> None:
        self._transport = transport
        self._alone = alone

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connections, unless they belong to the client that this was made from."""
        if self._alone:
            await self._transport.close()

    async def show(self, msg_id: int) -> Message:
        """One message.

        Example:
            print((await flow.show(msg["id"]))["content"])
        """
        return await self._transport.answer(calls.messages.show_message(await self._where(), msg_id))

    async def edit(self, msg_id: int, content: str | None = None, tags: Iterable[str] | str | None = None) -> None:
        """Change the text of one's own message, the tags of any, or both; the tags given replace those there were.

        Example:
            await flow.edit(msg["id"], "Hello, everybody", tags=["greeting"])
        """
        await self._transport.answer(
            calls.messages.edit_message(await self._where(), msg_id, content=content, tags=tags)
        )

    async def delete(self, msg_id: int) -> None:
        """Take a message back: one's own text becomes empty, a file or an inbox item goes.

        Example:
            await flow.delete(msg["id"])
        """
        await self._transport.answer(calls.messages.delete_message(await self._where(), msg_id))

    async def react(self, msg_id: int, emoji: str) -> None:
        """Give a message a reaction; `emoji` is its short name.

        Example:
            await flow.react(msg["id"], "thumbsup")
        """
        await self._transport.answer(calls.messages.react(await self._where(), msg_id, emoji))

    async def unreact(self, msg_id: int, emoji: str) -> None:
        """Take one's reaction back.

        Example:
            await flow.unreact(msg["id"], "thumbsup")
        """
        await self._transport.answer(calls.messages.unreact(await self._where(), msg_id, emoji))

    async def line(self, text: str, *, uuid: str | None = None) -> Message:
        """Say what one does, as `/me waves` is meant: the text goes on after one's nick.

        Example:
            await flow.line("waves")
        """
        call = calls.messages.line(await self._where(), text, uuid=uuid or new_uuid())
        return await self._transport.answer(call)

    async def typing(self) -> None:
        """Let the others see that one is writing; it is forgotten after some seconds."""
        await self._transport.answer(calls.messages.typing(await self._where()))

    async def list(self, **conditions: Unpack[ListParameters]) -> Messages:
        """The messages that meet the conditions, ascending by id.

        There are two ways to ask. By words or tags: `search` (whole words, all needed), `tags` (a list, or a text with
        commas), `tag_mode` ("and" or "or"), `skip` and `limit`. Or by range: `event` (such as "file"), `since_id`,
        `until_id`, `sort` ("desc" or "asc": which end `limit` keeps) and `limit` (1 to 100, default 30).
        The server of this package takes bounds and `sort` with words and tags, too. `messages` walks past the limit.

        Example:
            await flow.list(tags=["bug"], limit=5)

        Raises:
            TypeError: there is no such condition; the text names those there are.
        """
        return await self._transport.answer(calls.messages.list_messages(await self._where(), conditions))

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
        """All messages that meet the conditions, however many, asked for by the hundred.

        They come ascending by id, or with `newest_first` descending, from after `since_id` to before `until_id`. The
        other conditions are those of `list`, in any combination. Nothing is passed over or comes twice, whatever is
        said meanwhile. To go on another day, give the id of the last message as `since_id`, or with `newest_first`
        as `until_id`.

        Example:
            async for msg in flow.messages(event="file", newest_first=True):
                print(msg["id"], msg["content"])
        """

        async def begin() -> Walk[Message]:
            return walks.MessageWalk(
                await self._where(),
                since_id=since_id,
                until_id=until_id,
                newest_first=newest_first,
                event=event,
                search=search,
                tags=tags,
                tag_mode=tag_mode,
            )

        return AsyncPages(self._transport, begin)

    @overload
    async def download(self, uri_path: str, to: None = None, *, progress: Progress | None = None) -> bytes: ...

    @overload
    async def download(self, uri_path: str, to: str | PathLike[str], *, progress: Progress | None = None) -> Path: ...

    @overload
    async def download(self, uri_path: str, to: BinaryIO, *, progress: Progress | None = None) -> None: ...

    async def download(
        self,
        uri_path: str,
        to: str | PathLike[str] | BinaryIO | None = None,
        *,
        progress: Progress | None = None,
    ) -> bytes | Path | None:
        """The content of the file whose message has this `content["path"]`.

        With `to` it streams there instead: to a file, whose path is the answer; into a folder, under the file's own
        name; or to an open binary file. A file appears, or replaces the one that was there, when it is complete.
        After a cut it goes on where it was, for as long as each time something more comes.

        Example:
            await flow.download(msg["content"]["path"], to="diagrams/")
        """
        if to is None:
            return await files.read(self._transport, uri_path, progress=progress)
        if isinstance(to, str | PathLike):
            return await files.save(self._transport, uri_path, Path(to), progress=progress)
        await files.write(self._transport, uri_path, to, progress=progress)
        return None

    def events(
        self,
        *,
        since: str | int | None = None,
        checkpoint: str | PathLike[str] | None = None,
        on_state: OnState | None = None,
    ) -> AsyncStream:
        """Everything that happens here from now on, one's own messages included.

        It never ends by itself: after a cut or 90 s of silence it goes on right after the last event. With `since` it
        begins right after the message of this number, or at the `cursor` of another stream. `checkpoint` is a file (the
        program's own) that remembers how far one has come: after a restart it goes on after the last event that was
        dealt with, as which an event counts when the next one is asked for. `on_state(state, failure)` is called when
        the stream's `state` changes.

        It raises an `ApiError` when the server refuses for good, `ConnectionFailed` when it was never reached at all,
        and `StreamGap` when something can be had no more. Closing it or the client ends it, also from another thread.

        Example:
            async for event in flow.events(since=msg["id"] - 1):
                if event["event"] == "message":
                    print(event["content"])
        """
        return AsyncStream(self._transport, self._subscription, since=since, checkpoint=checkpoint, on_state=on_state)

    async def _subscription(self) -> Subscription:
        """What `events` listens to."""
        raise NotImplementedError

    async def _where(self) -> Place:
        """The rows and the path values of this conversation; finding them out may take a question."""
        raise NotImplementedError
