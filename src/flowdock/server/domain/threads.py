"""What a thread is called, how an integration changes it, and what it looks like on the wire.

Source: wire facts 3.6 and 4.4.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flowdock.protocol.types import COLOURS
from flowdock.server.domain import html, inbox, links, thread_actions
from flowdock.server.domain.moments import iso, iso_second
from flowdock.server.domain.refusals import invalid
from flowdock.server.records import ThreadState

TITLE_LIMIT = 80
INTEGRATION_TITLE_LIMIT = 1024
BODY_LIMIT = 1 << 20

_FENCE = re.compile(r"(`{3,}|~{3,})[\w+-]*")
_TRAILING_PUNCTUATION = " \t.,;:!?-\u2013\u2014…/\\|([{<\"'"


def counted(thread: ThreadState, event: str, *, number: int, now: int) -> ThreadState:
    """The thread with one more message of this kind. Only activities and discussions move `updated_at`."""
    counter = _counter(event)
    # A thread that lost all its messages begins anew.
    first = thread.initial_message if size(thread) else number
    moved_at = thread.updated_at if counter == "internal_comments" else now
    return replace(thread, initial_message=first, updated_at=moved_at, **{counter: getattr(thread, counter) + 1})


def uncounted(thread: ThreadState, event: str) -> ThreadState:
    """The thread after a message of this kind was removed from it."""
    counter = _counter(event)
    return replace(thread, **{counter: max(0, getattr(thread, counter) - 1)})


def size(thread: ThreadState) -> int:
    """How many messages it has; none when all were moved or deleted."""
    return thread.activities + thread.internal_comments + thread.external_comments


def _counter(event: str) -> str:
    """Which of the three counts messages of this kind."""
    return {"activity": "activities", "discussion": "external_comments"}.get(event, "internal_comments")


def title_of(text: str) -> str:
    """What a thread that begins with this text is called: its first line that says something, shortened."""
    lines = [line.strip() for line in text.splitlines()]
    said = [line for line in lines if line and not _FENCE.fullmatch(line)] or [line for line in lines if line]
    return _shortened(said[0]) if said else ""


def title_of_file(file_name: str) -> str:
    """What a thread that begins with a file is called."""
    return f"Uploaded File {file_name}"


def title_for(message: Mapping[str, Any]) -> str:
    """What a thread that begins with this message, as REST shows it, is called."""
    content = message["content"]
    if message["event"] == "file":
        return title_of_file(content["file_name"])
    if message.get("title"):
        return title_of(html.plain(message["title"]))
    if isinstance(content, Mapping):
        content = inbox.title_of(message["event"], content)
    return title_of(content) if isinstance(content, str) else ""


def _shortened(line: str) -> str:
    if len(line) <= TITLE_LIMIT:
        return line
    cut = line.rfind(" ", 0, TITLE_LIMIT + 1)
    kept = line[: cut if cut > 0 else TITLE_LIMIT].rstrip(_TRAILING_PUNCTUATION)
    return f"{kept or line[:TITLE_LIMIT]}…"


def presented(thread: ThreadState, given: Mapping[str, object]) -> ThreadState:
    """The thread with the state that an integration gave it; what was left out is empty from now on."""
    return replace(
        thread,
        title=_text(given, "title", limit=INTEGRATION_TITLE_LIMIT, required=True),
        body=html.safe(_text(given, "body", limit=BODY_LIMIT)) or None,
        external_url=links.harmless(_text(given, "external_url", limit=8192), field="thread.external_url") or None,
        status=_status(given.get("status")),
        fields=[_field(entry) for entry in _list(given, "fields")],
        actions=[thread_actions.checked(entry) for entry in _list(given, "actions")],
    )


def _text(given: Mapping[str, object], name: str, *, limit: int, required: bool = False, of: str = "thread") -> str:
    value = given.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value.strip()):
        raise invalid(f"{of}.{name}", "can't be blank" if value in (None, "") or required else "is not a text")
    if len(value) > limit:
        raise invalid(f"{of}.{name}", f"is too long ({len(value)} characters; maximum is {limit})")
    return value


def _list(given: Mapping[str, object], name: str) -> list[object]:
    value = given.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > 100:
        raise invalid(f"thread.{name}", "is not a list of at most 100")
    return value


def _status(value: object) -> Mapping[str, object] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("color") not in COLOURS:
        colour = value.get("color") if isinstance(value, dict) else value
        raise invalid("thread.status.color", f"is {colour!r}; it may be {', '.join(COLOURS)}")
    return {"color": value["color"], "value": _text(value, "value", limit=255, of="thread.status")}


def _field(entry: object) -> object:
    if not isinstance(entry, dict):
        raise invalid("thread.fields", "hold something that is not an object with label and value")
    return {
        "label": _text(entry, "label", limit=255, of="thread.fields"),
        "value": html.with_links_only(_text(entry, "value", limit=65536, of="thread.fields")),
    }


def shown(thread: ThreadState, source: Mapping[str, object] | None) -> dict[str, object]:
    """The thread as REST shows it."""
    return {
        "id": thread.id,
        "title": thread.title,
        "body": thread.body,
        "external_url": thread.external_url,
        "status": thread.status,
        "actions": thread.actions,
        "fields": thread.fields,
        "source": source,
        "activities": thread.activities,
        "internal_comments": thread.internal_comments,
        "external_comments": thread.external_comments,
        "updated_at": iso(thread.updated_at),
        "created_at": iso_second(thread.created_at),
        "initial_message": thread.initial_message,
    }
