"""A flow or a private conversation, as the chat knows it: its history, what waits in it, and what one is writing."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from flowdock import AsyncFlow, AsyncPrivate
from flowdock.cli.chat.history import History, Message

TYPING_SECONDS = 8
"""So long somebody is shown as writing after the last sign of it."""


@dataclass(slots=True, kw_only=True, eq=False)
class Outgoing:
    """What one said that the server did not confirm yet."""

    uuid: str
    content: str
    kind: Literal["message", "line", "status", "file"]
    thread_id: str | None
    sent: int
    note: str = ""
    """What becomes of it, if there is more to say than that it is on its way."""
    failed: bool = False

    def message(self, me: str) -> Message:
        """As a message like any other, without a number."""
        thread = {} if self.thread_id is None else {"thread_id": self.thread_id, "thread": {"initial_message": -1}}
        content = self.content if self.kind != "file" else f"⇧ {self.content}"
        kind = "message" if self.kind == "file" else self.kind
        return {"id": 0, "event": kind, "user": me, "content": content, "sent": self.sent, "uuid": self.uuid, **thread}


@dataclass(slots=True, kw_only=True, eq=False)
class Place:
    """One of those in the rail. `key` is the flow's id, or the other person's as `@id`."""

    key: str
    name: str
    conversation: AsyncFlow | AsyncPrivate
    history: History = field(default_factory=History)
    threads: dict[str, History] = field(default_factory=dict)
    """The threads that were read by themselves: they may begin long before what is known of the place."""
    outgoing: list[Outgoing] = field(default_factory=list)
    drafts: dict[str | None, str] = field(default_factory=dict)
    typing: dict[str, float] = field(default_factory=dict)
    unread: int = 0
    mentions: int = 0
    read_until: int | None = None
    """The id after which the line of what is new stands; None for no line."""
    is_loaded: bool = False
    has_older: bool = True

    @property
    def is_private(self) -> bool:
        """Whether it is a conversation of two."""
        return isinstance(self.conversation, AsyncPrivate)

    @property
    def waits(self) -> bool:
        """Whether there is something one has not seen."""
        return self.unread > 0 or self.mentions > 0

    def thread(self, thread_id: str) -> History:
        """What is known of a thread."""
        if thread_id not in self.threads:
            self.threads[thread_id] = History()
            self.threads[thread_id].add(self.history.of_thread(thread_id))
        return self.threads[thread_id]

    def hear(self, event: Message) -> bool:
        """Take in an event; whether it is a message that was not known before."""
        is_new = self.history.hear(event)
        content = event.get("content")
        changed = content.get("message") if isinstance(content, dict) else None
        for thread_id, history in self.threads.items():
            if changed is not None or event.get("thread_id") == thread_id:
                history.hear(event)
            moved = self.history.messages.get(changed or 0) if event.get("event") == "rethread" else None
            if moved is not None and moved.get("thread_id") == thread_id:
                history.add([moved])
        return is_new

    def confirm(self, message: Message) -> None:
        """Take in what the server says of a message of one's own, which comes as an answer and on the stream."""
        self.hear(message)
        self.settle(message.get("uuid"))

    def settle(self, uuid: str | None) -> None:
        """Forget what was on its way under this uuid."""
        self.outgoing = [one for one in self.outgoing if one.uuid != uuid]

    def writers(self, *, besides: str) -> list[str]:
        """The ids of the people who are writing right now."""
        now = time.monotonic()
        self.typing = {user: until for user, until in self.typing.items() if until > now}
        return [user for user in self.typing if user != besides]

    def saw_typing(self, user: str) -> None:
        """Somebody writes."""
        self.typing[user] = time.monotonic() + TYPING_SECONDS

    def start_over(self, messages: Iterable[Message], *, full: bool) -> None:
        """Take in the newest messages as listed; `full` if there may be older ones."""
        self.history.restart(messages)
        self.has_older, self.is_loaded = full, True
        self.threads.clear()
        for message in self.history.messages.values():
            self.settle(message.get("uuid"))
