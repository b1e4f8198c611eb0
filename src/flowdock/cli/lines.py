"""An event as the line that a person reads. Pure: ids become names by a function that is given.

Source: wire facts 3.2 to 3.6.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Event: TypeAlias = Mapping[str, Any]
Names: TypeAlias = Callable[[str], str]
"""From a user's id, as messages have it, to their nick."""

NOBODY = "0"
TAKEN_BACK = "took this back"
"""Of a message that was deleted: it stays, without its text."""
SYSTEM = "Flowdock"
"""Who speaks when neither a person nor an integration does."""

_BLOCK_END = re.compile(r"<br\s*/?>|</(?:p|div|li|ul|ol|pre|h[1-6]|blockquote|tr)>", re.IGNORECASE)
_ELEMENT = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is shown of an event. `sent` is in milliseconds since 1970."""

    number: int
    sent: int
    who: str
    text: str
    is_speech: bool = True
    """False for what somebody did; then the text goes on after their name."""
    thread_id: str | None = None
    is_reply: bool = False


def line_of(event: Event, names: Names) -> Line | None:
    """The line for an event; None for one that says nothing to a person, or whose kind or shape is unknown."""
    kind = event.get("event")
    teller = _TELLERS.get(kind) if isinstance(kind, str) else None
    try:
        told = teller(event, names) if teller else None
    except (AttributeError, KeyError, TypeError):
        told = None  # a known kind in an unknown shape, as archives of the old service hold them
    if told is None or not isinstance(event.get("id"), int):
        return None
    thread = event.get("thread") or {}
    return Line(
        number=event["id"],
        sent=int(event.get("sent") or 0),
        who=author_of(event, names),
        text=told.strip("\n"),
        is_speech=kind in _SPEECH and told is not TAKEN_BACK,
        thread_id=event.get("thread_id"),
        is_reply=bool(thread) and thread.get("initial_message") != event["id"],
    )


def author_of(event: Event, names: Names) -> str:
    """Who said or did it."""
    author = event.get("author")
    if isinstance(author, dict) and author.get("name"):
        return str(author["name"])
    if event.get("external_user_name"):
        return str(event["external_user_name"])
    if event.get("event") == "mail":
        return _sender(event.get("content"))
    user = str(event.get("user") or NOBODY)
    return SYSTEM if user == NOBODY else names(user)


def _sender(content: object) -> str:
    senders = content.get("from") if isinstance(content, dict) else None
    first = senders[0] if isinstance(senders, list) and senders and isinstance(senders[0], dict) else {}
    return str(first.get("name") or first.get("address") or SYSTEM)


def size(count: int) -> str:
    """A number of bytes, as people write it: `5.4 kB`."""
    if count < 1000:
        return f"{count} B"
    thousands = min(len(str(count)) - 1, 12) // 3
    return f"{count / 1000**thousands:.1f} {'kMGT'[thousands - 1]}B"


def plain(markup: str) -> str:
    """The text of a piece of HTML."""
    text = html.unescape(_ELEMENT.sub("", _BLOCK_END.sub("\n", markup)))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def status_of(thread: Mapping[str, Any]) -> str:
    """The status of a thread, as in ` [passed]`; empty if it has none."""
    status = thread.get("status")
    return f" [{status['value']}]" if isinstance(status, dict) and status.get("value") else ""


def _message(event: Event, _names: Names) -> str:
    return str(event.get("content") or TAKEN_BACK)


def _comment(event: Event, _names: Names) -> str:
    content = event.get("content")
    return str(content.get("text", "")) if isinstance(content, dict) else str(content)


def _status(event: Event, _names: Names) -> str:
    return f"is now: {event.get('content')}"


def _line(event: Event, _names: Names) -> str:
    return str(event.get("content") or "")


def _file(event: Event, _names: Names) -> str:
    content = event["content"]
    return f"{content.get('file_name')} ({size(content.get('file_size') or 0)}) {content.get('path')}"


def _inbox_item(event: Event, _names: Names) -> str:
    thread = event.get("thread") or {}
    about = f" · {plain(thread.get('title') or '')}{status_of(thread)}"
    body = plain(event.get("body") or "")
    return f"{plain(event.get('title') or '')}{about}" + (f"\n{body}" if body else "")


def _mail(event: Event, _names: Names) -> str:
    content = event["content"]
    body = plain(content.get("content") or "")
    return plain(content.get("subject") or "") + (f"\n{body}" if body else "")


def _code(event: Event, _names: Names) -> str:
    """A push, a pull request, an issue: what its thread is called."""
    return plain((event.get("thread") or {}).get("title") or "")


def _edit(event: Event, _names: Names) -> str:
    content = event["content"]
    updated = content["updated_content"]
    if isinstance(updated, dict):
        updated = updated.get("text", "")
    return f"changed {content['message']}: {updated}" if updated else f"took {content['message']} back"


def _tag_change(event: Event, _names: Names) -> str | None:
    content = event["content"]
    changes = [f"+{tag}" for tag in _shown(content["add"])] + [f"-{tag}" for tag in _shown(content["remove"])]
    return f"tagged {content['message']}: {' '.join(changes)}" if changes else None


def _shown(tags: list[str]) -> list[str]:
    return [tag for tag in tags if not tag.startswith((":", "influx:"))]


def _reaction(event: Event, _names: Names) -> str:
    content = event["content"]
    reaction = f":{content['emoji']}:"
    if content["type"] == "remove":
        return f"took {reaction} back from {content['message']}"
    return f"reacted to {content['message']} with {reaction}"


def _move(event: Event, _names: Names) -> str:
    content = event["content"]
    return f"moved {content['message']} to the thread {content['thread']['title']!r}"


def _action(event: Event, names: Names) -> str:
    content = event["content"]
    kind = content.get("type")
    if kind == "add_people":
        added = content.get("message") or content.get("description") or ""
        return f"added {', '.join(added) if isinstance(added, list) else added}"
    if kind == "join":
        return "joined"
    if kind == "invite":
        return f"invited {content.get('email')}"
    if kind == "block":
        return f"removed {names(str(content.get('user')))}"
    return f"{kind} {content.get('email') or content.get('description') or ''}".strip()


def _joined(_event: Event, _names: Names) -> str:
    return "joined"


def _blocked(event: Event, names: Names) -> str:
    return f"removed {names(str(event.get('content')))}"


def _renamed(_event: Event, _names: Names) -> str:
    return "changed their profile"


_TELLERS: Mapping[str, Callable[[Event, Names], str | None]] = {
    "message": _message,
    "comment": _comment,
    "status": _status,
    "line": _line,
    "file": _file,
    "activity": _inbox_item,
    "discussion": _inbox_item,
    "mail": _mail,
    "vcs": _code,
    "jira": _code,
    "confluence": _code,
    "message-edit": _edit,
    "tag-change": _tag_change,
    "emoji-reaction": _reaction,
    "rethread": _move,
    "action": _action,
    "backend.user.join": _joined,
    "backend.user.block": _blocked,
    "user-edit": _renamed,
}
_SPEECH = frozenset({"message", "comment", "file", "activity", "discussion", "mail"})
