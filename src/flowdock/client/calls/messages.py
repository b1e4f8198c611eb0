"""Messages of a flow, of a thread or of a private conversation.

Source: wire facts 2.1 to 2.3.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from flowdock.client.attachments import Attachment
from flowdock.client.calls.call import POSTED, Call, call, given, listed, nothing, order, query_of
from flowdock.client.places import Place
from flowdock.protocol import endpoints
from flowdock.protocol.types import Message


def send(
    where: Place,
    content: str,
    *,
    uuid: str,
    tags: Iterable[str] | str | None = None,
    thread_id: str | None = None,
) -> Call[Message]:
    """Say something; the `uuid` makes the server keep one message of it, however often it arrives."""
    members = {"event": "message", "content": content, "tags": listed(tags), "thread_id": thread_id, "uuid": uuid}
    return call(where.send, where.values, json=given(members), accepted=POSTED)


def comment(
    org: str, flow: str, msg_id: int, content: str, *, uuid: str, tags: Iterable[str] | str | None = None
) -> Call[Message]:
    """Remark on a message."""
    members = given({"content": content, "tags": listed(tags), "uuid": uuid})
    values = {"org": org, "flow": flow, "id": msg_id}
    return call(endpoints.COMMENT_ON, values, json=members, accepted=POSTED)


def set_status(where: Place, content: str, *, uuid: str) -> Call[Message]:
    """Say what one is doing."""
    return call(where.send, where.values, json={"event": "status", "content": content, "uuid": uuid}, accepted=POSTED)


def line(where: Place, content: str, *, uuid: str) -> Call[Message]:
    """Say what one does."""
    return call(where.send, where.values, json={"event": "line", "content": content, "uuid": uuid}, accepted=POSTED)


def typing(where: Place) -> Call[None]:
    """Let the others see that one is writing."""
    return Call(
        endpoint=where.send,
        path=where.send.url(**where.values),
        json={"event": "typing"},
        accepted=frozenset({*POSTED, 202}),
        read=nothing,
    )


def upload(where: Place, file: Path | Attachment, *, uuid: str, thread_id: str | None = None) -> Call[Message]:
    """Share a file."""
    form = {"event": "file", "uuid": uuid} | ({} if thread_id is None else {"thread_id": thread_id})
    return call(where.send, where.values, form=form, files={"content": file}, accepted=POSTED)


def list_messages(where: Place, conditions: Mapping[str, object]) -> Call[list[Message]]:
    """The messages that meet the conditions, ascending by id.

    Raises:
        TypeError: there is no such condition; the text names those there are.
    """
    return call(where.messages, where.values, query=query_of(where.messages, conditions))


def show_message(where: Place, msg_id: int) -> Call[Message]:
    """One message."""
    return call(where.show, {**where.values, "id": msg_id})


def edit_message(
    where: Place, msg_id: int, *, content: str | None = None, tags: Iterable[str] | str | None = None
) -> Call[None]:
    """Change the text of a message, its tags, or both.

    Raises:
        TypeError: neither was given.
    """
    changes = given({"content": content, "tags": listed(tags)})
    if not changes:
        raise TypeError("edit() needs content, tags or both; it was given neither")
    return order(where.edit, {**where.values, "id": msg_id}, json=changes)


def rethread(org: str, flow: str, msg_id: int, thread_id: str | None) -> Call[None]:
    """Move a message to another thread, or to a new one of its own."""
    values = {"org": org, "flow": flow, "id": msg_id}
    return order(endpoints.EDIT_MESSAGE, values, json={"thread_id": thread_id})


def delete_message(where: Place, msg_id: int) -> Call[None]:
    """Take a message back."""
    return order(where.delete, {**where.values, "id": msg_id})


def react(where: Place, msg_id: int, emoji: str) -> Call[None]:
    """Give a reaction."""
    return _reaction(where, msg_id, emoji, kind="add")


def unreact(where: Place, msg_id: int, emoji: str) -> Call[None]:
    """Take a reaction back."""
    return _reaction(where, msg_id, emoji, kind="remove")


def _reaction(where: Place, msg_id: int, emoji: str, *, kind: str) -> Call[None]:
    members = {"type": kind, "emoji": emoji.strip(":")}
    return order(where.react, {**where.values, "id": msg_id}, json=members)
