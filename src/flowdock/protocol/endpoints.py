"""Every endpoint as one row: the client formats its path, the server binds it to the action that answers.

A placeholder in a path is written `{name}` and has the type that `PLACEHOLDERS` gives it. Parameters may arrive in the
query, in a form, as JSON or as multipart, whatever the method. `status` is the answer's when nothing else was decided.

Source: wire facts 2; the number at the end of a row is the section.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Literal, TypedDict, TypeVar
from urllib.parse import quote

from flowdock.protocol.types import Flow, FlowUser, Message, Thread, User

Result_co = TypeVar("Result_co", covariant=True)

Caller = Literal["user", "member", "source"]
"""Who may call: any signed-in person, somebody in the flow or conversation, the owner of a flow token."""

PLACEHOLDERS: Mapping[str, type] = {
    "org": str,
    "flow": str,
    "thread_id": str,
    "id": int,
    "user_id": int,
}

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Generic[Result_co]):
    """One row. `parameters` is a TypedDict of what may be sent beside the path."""

    name: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    parameters: Any
    result: Any
    status: int = 200
    callers: frozenset[Caller]
    source: str

    placeholders: tuple[str, ...] = field(init=False)
    """Names in the path, in order."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "placeholders", tuple(_PLACEHOLDER.findall(self.path)))

    def url(self, **values: object) -> str:
        """The path with its placeholders filled in and percent-encoded."""
        return _PLACEHOLDER.sub(lambda found: quote(str(values[found[1]]), safe=""), self.path)

    def placed(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """The placeholders' values from the texts in a path.

        Raises:
            LookupError: a text cannot be what the placeholder stands for, so there is nothing at this path.
        """
        try:
            return {name: PLACEHOLDERS[name](texts[name]) for name in self.placeholders}
        except ValueError as error:
            raise LookupError(f"nothing at {self.url(**texts)}") from error


class Nothing(TypedDict, total=False):
    """An endpoint without parameters."""


class SendParameters(TypedDict, total=False):
    """A message, file, status, line, activity or discussion."""

    event: Annotated[str, "message, file, status or line; activity or discussion with a flow_token"]
    content: Annotated[
        object, "text of 1 to 8096 characters; for a file the part itself or {data, content_type, file_name}"
    ]
    tags: Annotated[list[str] | str, "an array or a comma list; # optional, @nick for people"]
    thread_id: Annotated[str, "the thread to reply into"]
    uuid: Annotated[str, "chosen by the client, unique per message; a repeated one answers the stored message"]
    external_user_name: Annotated[str, "a name without blanks, at most 16 characters, shown instead of the user"]
    external_thread_id: Annotated[str, "the integration's own id of the thread"]
    thread: Annotated[dict[str, object], "a ThreadState: the new state of the thread (activity, discussion)"]
    title: Annotated[str, "what happened (activity, discussion)"]
    body: Annotated[str, "HTML (activity, discussion)"]
    author: Annotated[dict[str, object], "an Author: who did it (activity, discussion)"]
    attachments: Annotated[object, "files of an activity or discussion, multipart"]


class SendAnywhereParameters(SendParameters, total=False):
    """The same, saying where to."""

    flow: Annotated[str, "the flow's id; not needed with a flow_token"]
    flow_token: Annotated[str, "the token of a source"]


class CommentParameters(TypedDict, total=False):
    """A remark on a message."""

    content: Annotated[str, "text of 1 to 8096 characters"]
    event: Annotated[str, "ignored"]
    tags: Annotated[list[str] | str, "an array or a comma list"]
    uuid: Annotated[str, "chosen by the client, unique per message"]
    external_user_name: Annotated[str, "a name shown instead of the user"]


class CommentAnywhereParameters(CommentParameters, total=False):
    """The same, saying on what."""

    flow: Annotated[str, "the flow's id; not needed with a flow_token"]
    flow_token: Annotated[str, "the token of a source"]
    message: Annotated[int, "the id of the message"]
    message_id: Annotated[int, "another name of `message`"]


class ListParameters(TypedDict, total=False):
    """Which messages; the answer is always ascending by id."""

    limit: Annotated[int, "1 to 100, default 30"]
    sort: Annotated[Literal["asc", "desc"], "which end `limit` keeps: desc (default) the newest, asc the oldest"]
    since_id: Annotated[int, "only newer messages"]
    until_id: Annotated[int, "only older messages"]
    event: Annotated[list[str] | str, "one type or a comma list"]
    tags: Annotated[list[str] | str, "an array or a comma list"]
    tag_mode: Annotated[Literal["and", "or"], "all of the tags (default) or any, then united with `search`"]
    search: Annotated[str, "whole words, all needed"]
    skip: Annotated[int, "with search or tags: pass over the newest so many"]
    app: Annotated[Literal["chat", "influx"], "people's messages or inbox items"]


class EditParameters(TypedDict, total=False):
    """What changes."""

    content: Annotated[str, "new text, one's own messages only"]
    tags: Annotated[list[str] | str, "the tags from now on"]


class ReactionParameters(TypedDict, total=False):
    """A reaction."""

    type: Annotated[Literal["add", "remove"], "give it or take it back"]
    emoji: Annotated[str, "short name without colons"]


class ThreadListParameters(TypedDict, total=False):
    """Which threads; newest `updated_at` first."""

    limit: Annotated[int, "1 to 100, default 30"]
    since: Annotated[str, "ISO 8601: updated after"]
    until: Annotated[str, "ISO 8601: updated before"]
    application: Annotated[object, "accepted and ignored, as the service did"]
    empty: Annotated[object, "accepted and ignored, as the service did"]


class FlowListParameters(TypedDict, total=False):
    """How much of each flow."""

    users: Annotated[bool, "with the people of each"]
    user: Annotated[bool, "another name of `users`"]


class FindFlowParameters(TypedDict, total=False):
    """Which flow."""

    id: Annotated[str, "the flow's id, or org/flow, or org:flow"]
    users: Annotated[bool, "accepted; the people always come"]


_USER: frozenset[Caller] = frozenset({"user"})
_MEMBER: frozenset[Caller] = frozenset({"member"})
_MEMBER_OR_SOURCE: frozenset[Caller] = frozenset({"member", "source"})


def _row(
    name: str,
    call: str,
    parameters: Any,
    result: Any,
    callers: frozenset[Caller],
    source: str,
    status: int = 200,
) -> Endpoint[Any]:
    method, path = call.split()
    return Endpoint(
        name=name,
        method=method,  # type: ignore[arg-type]
        path=path,
        parameters=parameters,
        result=result,
        status=status,
        callers=callers,
        source=source,
    )


# fmt: off
SEND: Endpoint[Message]                 = _row("send", "POST /messages", SendAnywhereParameters, Message, _MEMBER_OR_SOURCE, "2.1", 201)
SEND_TO_FLOW: Endpoint[Message]         = _row("send_to_flow", "POST /flows/{org}/{flow}/messages", SendParameters, Message, _MEMBER, "2.1", 201)
SEND_TO_THREAD: Endpoint[Message]       = _row("send_to_thread", "POST /flows/{org}/{flow}/threads/{thread_id}/messages", SendParameters, Message, _MEMBER, "2.1", 201)
SEND_PRIVATELY: Endpoint[Message]       = _row("send_privately", "POST /private/{user_id}/messages", SendParameters, Message, _USER, "2.1", 201)
COMMENT: Endpoint[Message]              = _row("comment", "POST /comments", CommentAnywhereParameters, Message, _MEMBER_OR_SOURCE, "2.1", 201)
COMMENT_ON: Endpoint[Message]           = _row("comment_on", "POST /flows/{org}/{flow}/messages/{id}/comments", CommentParameters, Message, _MEMBER, "2.1", 201)

LIST_MESSAGES: Endpoint[list[Message]]  = _row("list_messages", "GET /flows/{org}/{flow}/messages", ListParameters, list[Message], _MEMBER, "2.2")
LIST_REPLIES: Endpoint[list[Message]]   = _row("list_replies", "GET /flows/{org}/{flow}/threads/{thread_id}/messages", ListParameters, list[Message], _MEMBER, "2.2")
LIST_PRIVATE: Endpoint[list[Message]]   = _row("list_private", "GET /private/{user_id}/messages", ListParameters, list[Message], _USER, "2.2")

SHOW_MESSAGE: Endpoint[Message]         = _row("show_message", "GET /flows/{org}/{flow}/messages/{id}", Nothing, Message, _MEMBER, "2.3")
EDIT_MESSAGE: Endpoint[None]            = _row("edit_message", "PUT /flows/{org}/{flow}/messages/{id}", EditParameters, None, _MEMBER, "2.3")
DELETE_MESSAGE: Endpoint[None]          = _row("delete_message", "DELETE /flows/{org}/{flow}/messages/{id}", Nothing, None, _MEMBER, "2.3")
SHOW_PRIVATE: Endpoint[Message]         = _row("show_private", "GET /private/{user_id}/messages/{id}", Nothing, Message, _USER, "2.3")
EDIT_PRIVATE: Endpoint[None]            = _row("edit_private", "PUT /private/{user_id}/messages/{id}", EditParameters, None, _USER, "2.3")
DELETE_PRIVATE: Endpoint[None]          = _row("delete_private", "DELETE /private/{user_id}/messages/{id}", Nothing, None, _USER, "2.3")
REACT: Endpoint[None]                   = _row("react", "POST /flows/{org}/{flow}/messages/{id}/emoji_reaction", ReactionParameters, None, _MEMBER, "2.3")

LIST_THREADS: Endpoint[list[Thread]]    = _row("list_threads", "GET /flows/{org}/{flow}/threads", ThreadListParameters, list[Thread], _MEMBER, "2.4")
SHOW_THREAD: Endpoint[Thread]           = _row("show_thread", "GET /flows/{org}/{flow}/threads/{thread_id}", Nothing, Thread, _MEMBER, "2.4")

LIST_FLOWS: Endpoint[list[Flow]]        = _row("list_flows", "GET /flows", FlowListParameters, list[Flow], _USER, "2.5")
FIND_FLOW: Endpoint[Flow]               = _row("find_flow", "GET /flows/find", FindFlowParameters, Flow, _MEMBER, "2.5")
SHOW_FLOW: Endpoint[Flow]               = _row("show_flow", "GET /flows/{org}/{flow}", Nothing, Flow, _MEMBER, "2.5")

ME: Endpoint[User]                      = _row("me", "GET /user", Nothing, User, _USER, "2.6")
LIST_USERS: Endpoint[list[User]]        = _row("list_users", "GET /users", Nothing, list[User], _USER, "2.6")
SHOW_USER: Endpoint[User]               = _row("show_user", "GET /users/{user_id}", Nothing, User, _USER, "2.6")
SHOW_USER_ALIAS: Endpoint[User]         = _row("show_user_alias", "GET /user/{user_id}", Nothing, User, _USER, "2.6")
FLOW_USERS: Endpoint[list[FlowUser]]    = _row("flow_users", "GET /flows/{org}/{flow}/users", Nothing, list[FlowUser], _MEMBER, "2.6")
# fmt: on

ALL: tuple[Endpoint[Any], ...] = tuple(row for row in list(globals().values()) if isinstance(row, Endpoint))
