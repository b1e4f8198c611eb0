"""One function per thing that can be asked of Flowdock: arguments → `Call`, what to send and how to read the answer.

Pure. Method, path and result of a call are its row in `endpoints`; here is only what the row does not say. Members that
were not given are left out.

Source: wire facts 2.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from flowdock.client.places import Place
from flowdock.protocol import endpoints
from flowdock.protocol.endpoints import Endpoint
from flowdock.protocol.types import Author, Flow, FlowUser, Message, Thread, ThreadState, User

Result_co = TypeVar("Result_co", covariant=True)


def _content(body: bytes) -> Any:
    return json.loads(body)


def _nothing(_body: bytes) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Result_co]):
    """What to send, and how to read the answer. Of `json` and `file` with its `form` fields one at most is given."""

    endpoint: Endpoint[Any]
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, object] | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None
    accepted: frozenset[int]
    """The statuses that mean: done."""
    read: Callable[[bytes], Result_co] = _content

    @property
    def request(self) -> str:
        """What is asked, for people: `GET /flows/acme/main/messages`."""
        return f"{self.endpoint.method} {self.path}"

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does the same as sending it once: by its `uuid` the server knows a message again."""
        return self.endpoint.method != "POST" or "uuid" in (self.json or self.form)

    def is_done(self, status: int, *, again: bool) -> bool:
        """Whether an answer of this status means success; `again` when the call was sent before."""
        # What a repeated deletion does not find was deleted by the first, whose answer was lost.
        return status in self.accepted or (again and self.endpoint.method == "DELETE" and status == 404)


def send(
    where: Place,
    content: str,
    *,
    uuid: str,
    tags: Iterable[str] | str | None = None,
    thread_id: str | None = None,
) -> Call[Message]:
    """Say something; the `uuid` makes the server keep one message of it, however often it arrives."""
    members = {"event": "message", "content": content, "tags": _tags(tags), "thread_id": thread_id, "uuid": uuid}
    return _call(where.send, where.values, json=_given(members), accepted=frozenset({200, 201}))


def upload(where: Place, file: Path, *, uuid: str, thread_id: str | None = None) -> Call[Message]:
    """Share a file."""
    form = {"event": "file", "uuid": uuid} | ({} if thread_id is None else {"thread_id": thread_id})
    return _call(where.send, where.values, form=form, file=file, accepted=frozenset({200, 201}))


def list_messages(where: Place, conditions: Mapping[str, object]) -> Call[list[Message]]:
    """The messages that meet the conditions, ascending by id.

    Raises:
        TypeError: there is no such condition; the text names those there are.
    """
    return _call(where.messages, where.values, query=_query(where.messages, conditions))


def show_message(where: Place, msg_id: int) -> Call[Message]:
    """One message."""
    return _call(where.show, {**where.values, "id": msg_id})


def edit_message(
    where: Place, msg_id: int, *, content: str | None = None, tags: Iterable[str] | str | None = None
) -> Call[None]:
    """Change the text of a message, its tags, or both.

    Raises:
        TypeError: neither was given.
    """
    changes = _given({"content": content, "tags": _tags(tags)})
    if not changes:
        raise TypeError("edit() needs content, tags or both; it was given neither")
    return _call(where.edit, {**where.values, "id": msg_id}, json=changes, accepted=_DONE, read=_nothing)


def delete_message(where: Place, msg_id: int) -> Call[None]:
    """Take a message back."""
    return _call(where.delete, {**where.values, "id": msg_id}, accepted=_DONE, read=_nothing)


def list_threads(org: str, flow: str, conditions: Mapping[str, object]) -> Call[list[Thread]]:
    """The threads that meet the conditions, the one updated last first.

    Raises:
        TypeError: there is no such condition; the text names those there are.
    """
    row = endpoints.LIST_THREADS
    return _call(row, {"org": org, "flow": flow}, query=_query(row, conditions))


def show_thread(org: str, flow: str, thread_id: str) -> Call[Thread]:
    """One thread."""
    return _call(endpoints.SHOW_THREAD, {"org": org, "flow": flow, "thread_id": thread_id})


def list_flows(*, users: bool = False) -> Call[list[Flow]]:
    """The flows one is in, with the people of each if wanted."""
    return _call(endpoints.LIST_FLOWS, {}, query={"users": "1"} if users else {})


def show_flow(org: str, flow: str) -> Call[Flow]:
    """One flow with all its details."""
    return _call(endpoints.SHOW_FLOW, {"org": org, "flow": flow})


def flow_users(org: str, flow: str) -> Call[list[FlowUser]]:
    """The people of a flow, also those who left it."""
    return _call(endpoints.FLOW_USERS, {"org": org, "flow": flow})


def me() -> Call[User]:
    """The person whose token this is."""
    return _call(endpoints.ME, {})


def list_users() -> Call[list[User]]:
    """Everyone one can see."""
    return _call(endpoints.LIST_USERS, {})


def present(
    flow_token: str,
    *,
    id: str,
    author: Author,
    title: str,
    uuid: str,
    body: str | None = None,
    thread: ThreadState | None = None,
) -> Call[None]:
    """Say what happened to an item (an activity), or with a `body` what was said about it (a discussion)."""
    members = {
        "flow_token": flow_token,
        "event": "activity" if body is None else "discussion",
        "external_thread_id": str(id),
        "author": author,
        "title": title,
        "body": body,
        "thread": thread,
        "uuid": uuid,
    }
    return Call(
        endpoint=endpoints.SEND,
        path=endpoints.SEND.url(),
        json=_given(members),
        accepted=frozenset({200, 201, 202}),
        read=_nothing,
    )


_DONE = frozenset({200, 204})


def _call(
    row: Endpoint[Result_co], values: Mapping[str, object], *, accepted: frozenset[int] | None = None, **rest: Any
) -> Call[Result_co]:
    for name in row.placeholders:
        if str(values[name]) in {"", ".", ".."}:
            raise ValueError(f"{name} is {values[name]!r}, which cannot be part of an address")
    return Call(endpoint=row, path=row.url(**values), accepted=accepted or frozenset({row.status}), **rest)


def _query(row: Endpoint[Any], conditions: Mapping[str, object]) -> dict[str, str]:
    supported = row.parameters.__annotations__
    if unknown := [name for name in conditions if name not in supported]:
        raise TypeError(f"there is no condition {', '.join(unknown)}; the supported ones are {', '.join(supported)}")
    return {name: _text(value) for name, value in conditions.items() if value is not None}


def _text(value: object) -> str:
    """The value as it stands in a query: lists as their members with commas between."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ",".join(str(member) for member in value)
    return str(value)


def _tags(tags: Iterable[str] | str | None) -> "list[str] | str | None":
    return tags if tags is None or isinstance(tags, str) else list(tags)


def _given(members: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in members.items() if value is not None}
