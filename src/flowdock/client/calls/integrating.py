"""What an integration says with the token of its source.

Source: wire facts 2.1 and 3.6.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flowdock.client.calls.call import POSTED, Call, bracketed, call, given, listed, nothing
from flowdock.protocol import endpoints
from flowdock.protocol.types import Author, Message, ThreadState

_WAITING = {"X-flowdock-wait-for-message": "true"}
"""Makes the server answer with the message; else it says no more than that it took it."""


def present(
    flow_token: str,
    *,
    id: str,
    author: Author,
    title: str,
    uuid: str,
    body: str | None = None,
    thread: ThreadState | None = None,
    tags: Iterable[str] | str | None = None,
    files: Mapping[str, Path] | None = None,
    wait: bool = False,
) -> Call[Message | None]:
    """Say what happened to an item (an activity), or with a `body` what was said about it (a discussion).

    `files` are shown with it, and the body may refer to each as `cid:` and its name.
    """
    members: dict[str, object] = given(
        {
            "flow_token": flow_token,
            "event": "activity" if body is None else "discussion",
            "external_thread_id": str(id),
            "author": author,
            "title": title,
            "body": body,
            "thread": thread,
            "tags": listed(tags),
            "uuid": uuid,
        }
    )
    sent: dict[str, Any] = {"json": members}
    if files:
        sent = {"form": bracketed(members), "files": {f"attachments[{name}]": path for name, path in files.items()}}
    return _said(sent, wait=wait)


def send(
    flow_token: str,
    content: str,
    *,
    name: str,
    uuid: str,
    tags: Iterable[str] | str | None = None,
    thread_id: str | None = None,
) -> Call[Message]:
    """Say something in the flow, under a name of one's own."""
    members = {
        "flow_token": flow_token,
        "event": "message",
        "content": content,
        "external_user_name": name,
        "tags": listed(tags),
        "thread_id": thread_id,
        "uuid": uuid,
    }
    return call(endpoints.SEND, json=given(members), headers=_WAITING, accepted=POSTED)


def comment(flow_token: str, msg_id: int, content: str, *, name: str, uuid: str) -> Call[Message]:
    """Remark on a message, under a name of one's own."""
    members = {
        "flow_token": flow_token,
        "message": msg_id,
        "content": content,
        "external_user_name": name,
        "uuid": uuid,
    }
    return call(endpoints.COMMENT, json=members, headers=_WAITING, accepted=POSTED)


def _said(sent: Mapping[str, Any], *, wait: bool) -> Call[Message | None]:
    if wait:
        return call(endpoints.SEND, headers=_WAITING, accepted=POSTED, **sent)
    accepted = frozenset({*POSTED, 202})
    return Call(endpoint=endpoints.SEND, path=endpoints.SEND.url(), accepted=accepted, read=nothing, **sent)
