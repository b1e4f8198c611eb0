# Generated from src/flowdock/client/_async/service.py by tools/unasync.py; edit that file instead
"""An outside service that presents its items in a flow."""

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, Unpack, overload

from flowdock.client import calls
from flowdock.client._sync.conversation import new_uuid
from flowdock.client._sync.transport import Transport
from flowdock.protocol.parameters import UpdateSourceParameters
from flowdock.protocol.resources import SourceDetails
from flowdock.protocol.types import Author, Message, ThreadState


class Service:
    """The owner of a flow token: one source in one flow.

    Example:
        from flowdock import constructors as new

        with flowdock.connect(flow_token=FLOW_TOKEN) as service:
            service.present("ITEM-1", new.author("Ray"), "created item", thread=new.thread("Item 1"))
    """

    def __init__(self, transport: Transport, *, flow_token: str) -> None:
        self._transport = transport
        self._flow_token = flow_token

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self._transport.settings.api_url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._transport.close()

    @overload
    def present(
        self,
        id: str,
        author: Author,
        title: str,
        body: str | None = None,
        thread: ThreadState | None = None,
        *,
        tags: Iterable[str] | str | None = None,
        wait: Literal[True],
    ) -> Message: ...

    @overload
    def present(
        self,
        id: str,
        author: Author,
        title: str,
        body: str | None = None,
        thread: ThreadState | None = None,
        *,
        tags: Iterable[str] | str | None = None,
        wait: Literal[False] = False,
    ) -> None: ...

    def present(
        self,
        id: str,
        author: Author,
        title: str,
        body: str | None = None,
        thread: ThreadState | None = None,
        *,
        tags: Iterable[str] | str | None = None,
        wait: bool = False,
    ) -> Message | None:
        """Say what happened to the item `id`; with a `body`, what was said about it.

        `id` is the service's own, and each has a thread. `title` may hold links, `body` is HTML. `thread` replaces the
        state of the thread and is needed the first time; `flowdock.constructors` makes it and the `author`. The answer
        is None; with `wait=True` it is the message, whose `thread_id` tells the thread.

        Example:
            from flowdock import constructors as new

            failed = new.thread("Build 42 of the shop", status=new.status("red", "failed"))
            service.present("BUILD-42", new.author("Ray"), "saw it fail", thread=failed)
            service.present("BUILD-42", new.author("Kim"), "commented", body="<p>Flaky test</p>")
        """
        call = calls.integrating.present(
            self._flow_token,
            id=id,
            author=author,
            title=title,
            body=body,
            thread=thread,
            tags=tags,
            uuid=new_uuid(),
            wait=wait,
        )
        return self._transport.answer(call)

    def attach(  # noqa: PLR0917 - in the order of `present`
        self,
        files: Mapping[str, str | PathLike[str]] | Iterable[str | PathLike[str]],
        id: str,
        author: Author,
        title: str,
        body: str | None = None,
        thread: ThreadState | None = None,
        *,
        tags: Iterable[str] | str | None = None,
    ) -> Message | None:
        """The message that presents the item `id` as `present` does, with files.

        `files` are paths, or paths by a name of each, to which `body` may refer.

        Example:
            service.attach({"plan": "plan.png"}, "7", author, "drew", body='<img src="cid:plan">', thread=thread)
        """
        named = files if isinstance(files, Mapping) else {str(at): file for at, file in enumerate(files)}
        call = calls.integrating.present(
            self._flow_token,
            id=id,
            author=author,
            title=title,
            body=body,
            thread=thread,
            tags=tags,
            files={name: Path(file) for name, file in named.items()},
            uuid=new_uuid(),
            wait=True,
        )
        return self._transport.answer(call)

    def send(
        self, content: str, name: str, tags: Iterable[str] | str | None = None, thread_id: str | None = None
    ) -> Message:
        """Say something in the flow as `name`, which has at most 16 characters and no blanks.

        Example:
            service.send("Nightly build done", "CI", tags=["nightly"])
        """
        call = calls.integrating.send(
            self._flow_token, content, name=name, tags=tags, thread_id=thread_id, uuid=new_uuid()
        )
        return self._transport.answer(call)

    def comment(self, msg_id: int, text: str, name: str) -> Message:
        """Remark on a message as `name`; in a thread it is a reply.

        Example:
            service.comment(msg["id"], "The build is green again", "CI")
        """
        call = calls.integrating.comment(self._flow_token, msg_id, text, name=name, uuid=new_uuid())
        return self._transport.answer(call)

    def source(self) -> SourceDetails:
        """The source itself: its name, application, and what is wrong with it.

        Raises:
            Gone: it was removed.
        """
        return (self._transport.answer(calls.sources.list_sources(flow_token=self._flow_token)))[0]

    def update(self, **changes: Unpack[UpdateSourceParameters]) -> SourceDetails:
        """The source as it is after a change of `name`, `external_url`, `error_message` or `configuration_url`.

        Example:
            service.update(configuration_url="https://ci.example.com/settings")

        Raises:
            TypeError: there is no such change, or none was given; the text names those there are.
        """
        return self._transport.answer(calls.sources.update_own_source(self._flow_token, changes))

    def problem(self, text: str | None) -> SourceDetails:
        """Tell people what is wrong with the integration; None when it is well again.

        Example:
            service.problem("the password of the build server has expired")
        """
        return self.update(error_message=text or "")
