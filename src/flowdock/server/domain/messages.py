"""What a message must be to be accepted, and its shapes: as REST shows it and as streams carry it.

The REST shape is what is stored; the stream shape is derived from it, so both always tell the same.

Source: wire facts 2.1, 3.1 to 3.4, 4.6.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from flowdock.server.domain import html, inbox, links
from flowdock.server.domain.moments import iso
from flowdock.server.domain.refusals import invalid

CONTENT_LIMIT = 8096
EXTERNAL_USER_NAME_LIMIT = 16
UUID_LIMIT = 64

CHAT_EVENTS = frozenset({"message", "status", "line", "file"})
INTEGRATION_EVENTS = frozenset({"message", "file", "activity", "discussion"})
THREADED_EVENTS = frozenset(
    {"message", "file", "activity", "discussion", "mail", "vcs", "jira", "confluence"},
)
"""Inbox items of the era before threads are in one too, so that people can answer them."""

_IN_OWN_MEMBERS = frozenset({"vcs", "jira", "confluence"})
"""Inbox items whose content is what a service said, in members of its own."""
_STREAM_KEEPS_EDITED = frozenset({"file", "activity", "discussion"})


def checked_content(content: object, *, field: str = "content") -> str:
    """The text, if a message may have it."""
    if isinstance(content, int | float) and not isinstance(content, bool):
        content = str(content)
    if not isinstance(content, str):
        raise invalid(field, "can't be blank" if content is None else "is not a text")
    if not content.strip():
        raise invalid(field, "can't be blank")
    if len(content) > CONTENT_LIMIT:
        raise invalid(field, f"is too long ({len(content)} characters; maximum is {CONTENT_LIMIT})")
    return content


def checked_external_user_name(name: str) -> str:
    """The name shown instead of a user, if it can be one."""
    if any(character.isspace() for character in name):
        raise invalid("external_user_name", "should not contain whitespace")
    if not 1 <= len(name) <= EXTERNAL_USER_NAME_LIMIT:
        raise invalid("external_user_name", f"is {len(name)} characters long (1 to {EXTERNAL_USER_NAME_LIMIT})")
    return name


def checked_uuid(uuid: str) -> str:
    """The client's own id of a message, if it is short enough to keep."""
    if not 1 <= len(uuid) <= UUID_LIMIT:
        raise invalid("uuid", f"is {len(uuid)} characters long (1 to {UUID_LIMIT})")
    return uuid


def checked_author(author: Mapping[str, object] | None) -> dict[str, object]:
    """Who an integration says did it: only the members given, `name` among them."""
    name = author.get("name") if author else None
    if author is None or not isinstance(name, str) or not name.strip():
        raise invalid("author.name", "can't be blank")
    for member in ("avatar", "email"):
        if not isinstance(author.get(member), str | None):
            raise invalid(f"author.{member}", "is not a text")
    if isinstance(avatar := author.get("avatar"), str):
        links.harmless(avatar, field="author.avatar")
    return {member: author[member] for member in ("name", "avatar", "email") if author.get(member) is not None}


def checked_title(title: object) -> str:
    """What happened, with links at most."""
    if not isinstance(title, str) or not title.strip():
        raise invalid("title", "can't be blank")
    if len(title) > CONTENT_LIMIT:
        raise invalid("title", f"is too long ({len(title)} characters; maximum is {CONTENT_LIMIT})")
    return html.with_links_only(title)


def composed(
    *,
    id: int,
    event: str,
    place: Mapping[str, str],
    user: int,
    content: object,
    tags: Sequence[str],
    sent: int,
    uuid: str,
    app: str | None = "chat",
    thread: Mapping[str, object] | None = None,
    attachments: Sequence[object] = (),
    external_user_name: str | None = None,
) -> dict[str, Any]:
    """A message as REST shows it. `place` is `{"flow": …}`, or `{"to": …}` in private."""
    message: dict[str, Any] = {
        "user": str(user),
        "content": content,
        "event": event,
        "edited": None,
        "emojiReactions": {},
        "tags": tags,
        "id": id,
        "sent": sent,
        "attachments": attachments,
        "uuid": uuid,
    }
    if thread is not None:
        message["thread_id"] = thread["id"]
    message["app"] = app
    if thread is not None:
        message["thread"] = thread
    message.update(place)
    message["created_at"] = iso(sent)
    message["edited_at"] = None
    if external_user_name is not None:
        message["external_user_name"] = external_user_name
    return message


def streamed(message: Mapping[str, Any]) -> dict[str, Any]:
    """The same message as streams carry it."""
    event = {member: value for member, value in message.items() if member not in ("edited", "edited_at")}
    if message["event"] in _STREAM_KEEPS_EDITED:
        event["edited"] = message["edited"]
    thread = message.get("thread")
    if thread is not None:
        event["thread"] = {**thread, "flow": message["flow"]}
        if thread["source"] is None and message["event"] != "file":
            del event["thread"]["source"]
    return event


def about_a_message(
    kind: str,
    content: Mapping[str, object],
    *,
    id: int,
    place: Mapping[str, str],
    user: int,
    sent: int,
    lasting: bool = True,
    caused_by_edit: bool = False,
) -> dict[str, Any]:
    """An event that tells of a change to a message: such as message-edit or tag-change."""
    event: dict[str, Any] = {"event": kind, "tags": [], "uuid": None}
    if not lasting:
        event["persist"] = False
    event |= {"id": id, **place, "content": content, "sent": sent, "app": None, "created_at": iso(sent)}
    if caused_by_edit:
        event["edited"] = None
    return event | {"attachments": [], "emojiReactions": {}, "user": str(user)}


def comment_content(parent: Mapping[str, Any], text: str) -> dict[str, str]:
    """The content of a comment: what it is about and what was said."""
    content, kind = parent["content"], parent.get("event", "")
    if parent.get("title"):
        title = parent["title"]
    elif kind in _IN_OWN_MEMBERS and isinstance(content, dict):
        title = inbox.title_of(kind, content)
    elif isinstance(content, dict):
        title = content.get("subject") or content.get("title") or content.get("file_name") or ""
    else:
        title = content or ""
    return {"title": str(title), "text": text}


def with_text(message: Mapping[str, Any], text: str) -> object:
    """The new `content` of an edited message."""
    return {**message["content"], "text": text} if message["event"] == "comment" else text


def text_of(message: Mapping[str, Any]) -> str:
    """The words by which a search finds a message."""
    content = message.get("content")
    if isinstance(content, str):
        said = content
    elif message.get("event") in _IN_OWN_MEMBERS and isinstance(content, dict):
        said = " ".join([inbox.title_of(message["event"], content), inbox.text_of(message["event"], content)])
    elif isinstance(content, dict):
        said = " ".join(str(content[part]) for part in ("subject", "text", "content", "file_name") if content.get(part))
    else:
        said = ""
    more = [message[part] for part in ("title", "body") if message.get(part)]
    return " ".join([said, *more]) if more else said


def tag_text_of(message: Mapping[str, Any]) -> str:
    """The part of a message in which mentions, hashtags and addresses count."""
    content = message["content"]
    if isinstance(content, dict):
        return str(content.get("text") or "")
    return content if isinstance(content, str) else ""


def activity(*, user: int, place: Mapping[str, str], now: int) -> dict[str, Any]:
    """A whisper that somebody is active."""
    return whisper("activity.user", {"last_activity": now}, user=user, place=place, now=now)


def whisper(
    kind: str, content: Mapping[str, object], *, user: int, place: Mapping[str, str], now: int
) -> dict[str, Any]:
    """What is heard and never stored; it has no number."""
    return {
        "event": kind,
        "tags": [],
        "uuid": None,
        "id": None,
        **place,
        "content": content,
        "sent": now,
        "app": None,
        "attachments": [],
        "user": str(user),
        "created_at": iso(now),
    }
