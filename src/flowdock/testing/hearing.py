"""Asserting what was said in a flow: waits for it, and shows the whole conversation where it was not."""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from flowdock import Flow, Private, Thread

Heard: TypeAlias = Mapping[str, Any]
Wanted: TypeAlias = str | re.Pattern[str] | Callable[[Heard], bool]
Place: TypeAlias = Flow | Private | Thread

GLANCE_SECONDS = 0.02
SHOWN = 100
WIDTH = 8
SPEECH = "message,comment,file,status,line,activity,discussion,mail"


def assert_heard(
    place: Place,
    wanted: Wanted,
    *,
    within: float = 5.0,
    since: int = 0,
    by: str | int | None = None,
    thread: str | None = None,
    tags: Iterable[str] = (),
) -> Heard:
    """The first message in which something is heard, waited for so many seconds.

    `wanted` is a part of its text, a compiled pattern, or a function of the message. `since` leaves out what came up to
    the message of this number; `by` is a nick or an id, `thread` the id of its thread, `tags` those it has to have.

    Example:
        assert_heard(flow, "Hello", by="alice")

    Raises:
        AssertionError: it was not heard; the text shows the conversation.
    """
    end = time.monotonic() + within
    while True:
        people = _people(place)
        for message in _messages(place, since):
            if _is_wanted(message, wanted, by=by, thread=thread, tags=tags, people=people):
                return message
        if time.monotonic() >= end:
            conditions = _told(by=by, thread=thread, tags=tags)
            raise AssertionError(f"{_name(wanted)}{conditions} was not heard within {within:g} s\n{transcript(place)}")
        time.sleep(GLANCE_SECONDS)


def assert_not_heard(
    place: Place,
    wanted: Wanted,
    *,
    since: int = 0,
    by: str | int | None = None,
    thread: str | None = None,
    tags: Iterable[str] = (),
) -> None:
    """Fail if something was said up to now; the arguments are those of `assert_heard`.

    It waits for nothing: first wait for what comes last.

    Example:
        assert_not_heard(flow, "error")
    """
    people = _people(place)
    for message in _messages(place, since):
        if _is_wanted(message, wanted, by=by, thread=thread, tags=tags, people=people):
            raise AssertionError(f"{_name(wanted)} was heard in message {message['id']}\n{transcript(place)}")


def transcript(place: Place) -> str:
    """The conversation as one reads it: time, thread, who, what, tags; a dot marks where a thread begins.

    Example:
        print(transcript(flow))
    """
    people, letters = _people(place), dict[str, str]()
    lines = []
    for message in _messages(place, 0):
        thread_id = str(message.get("thread_id") or "")
        is_new = thread_id not in letters
        letter = letters.setdefault(thread_id, _letter(len(letters))) if thread_id else " "
        moment = datetime.fromtimestamp(int(message["sent"]) / 1000, UTC)
        who = _who(message, people)
        tags = "".join(f" #{tag}" for tag in message["tags"] if not tag.startswith((":", "influx:")))
        mark = "●" if is_new and thread_id else " "
        lines.append(f"{moment:%H:%M} {letter}{mark} {who:<{WIDTH}} {text_of(message)}{tags}")
    return "\n".join(lines) or "(nothing was said)"


def text_of(message: Heard) -> str:
    """What a message says, of whatever kind it is."""
    content = message.get("content")
    if isinstance(content, Mapping):
        content = (
            content.get("text") or content.get("file_name") or content.get("description") or content.get("subject")
        )
    return str(content or message.get("title") or "")


def _messages(place: Place, since: int) -> list[Heard]:
    found = place.list(event=SPEECH, sort="desc", limit=SHOWN, since_id=since)
    return sorted(found, key=lambda message: message["id"])


def _people(place: Place) -> dict[str, str]:
    users = place.users() if isinstance(place, Flow) else []
    return {str(user["id"]): user["nick"] for user in users}


def _is_wanted(
    message: Heard,
    wanted: Wanted,
    *,
    by: str | int | None,
    thread: str | None,
    tags: Iterable[str],
    people: Mapping[str, str],
) -> bool:
    if by is not None and str(by).removeprefix("@") not in {str(message.get("user")), _who(message, people)}:
        return False
    if thread is not None and message.get("thread_id") != thread:
        return False
    if not set(tags) <= set(message["tags"]):
        return False
    if isinstance(wanted, str):
        return wanted in text_of(message)
    return bool(wanted.search(text_of(message)) if isinstance(wanted, re.Pattern) else wanted(message))


def _who(message: Heard, people: Mapping[str, str]) -> str:
    author = message.get("author") or {}
    user = str(message.get("user"))
    return str(message.get("external_user_name") or author.get("name") or people.get(user, user))


def _name(wanted: Wanted) -> str:
    if isinstance(wanted, re.Pattern):
        return f"/{wanted.pattern}/"
    return repr(wanted) if isinstance(wanted, str) else getattr(wanted, "__name__", "what was wanted")


def _told(*, by: str | int | None, thread: str | None, tags: Iterable[str]) -> str:
    words = [f"by {by}"] if by is not None else []
    words += [f"in thread {thread}"] if thread is not None else []
    words += [f"with {', '.join(tags)}"] if tags else []
    return " " + " ".join(words) if words else ""


def _letter(number: int) -> str:
    return chr(ord("A") + number % 26)
