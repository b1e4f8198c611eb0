"""The messages of one place as they are now, whatever order they and their changes are heard in. Pure.

A message is replaced, never changed, so whoever keeps one can tell that it is another now.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from flowdock.cli.chat.colours import Tone, tone_for

Message: TypeAlias = Mapping[str, Any]

NEARBY = 6
"""So many threads next to each other have different colours, as far as there are colours."""
KEPT_CHANGES = 1000
"""Of messages that were not read yet; the rest is read with the messages themselves."""


class History:
    """What is known of a place: `ids` ascending, `messages` by id, the newest state of `threads`, and their `tones`."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.messages: dict[int, Message] = {}
        self.threads: dict[str, Mapping[str, Any]] = {}
        self.tones: dict[str, Tone] = {}
        self._early: dict[int, list[Message]] = {}

    @property
    def newest(self) -> int:
        """The id of the newest message; 0 if there is none."""
        return self.ids[-1] if self.ids else 0

    def hear(self, event: Message) -> bool:
        """Take in an event of a stream; whether it is a message that was not known before."""
        kind, content = event.get("event"), event.get("content")
        if kind in _CHANGES and isinstance(content, dict) and isinstance(content.get("message"), int):
            if kind == "rethread" and isinstance(content.get("thread"), dict):
                self.threads[content["thread_id"]] = content["thread"]
            self._change(content["message"], event)
            return False
        return self._put(event, newest=True)

    def add(self, messages: Iterable[Message]) -> int:
        """Take in what was listed; how many messages of it were not known before."""
        return sum(self._put(message, newest=False) for message in messages)

    def restart(self, messages: Iterable[Message]) -> None:
        """Take in the newest messages, and forget what is older: there may be others in between."""
        listed = list(messages)
        oldest, known = (listed[0]["id"] if listed else 0), {message["id"] for message in listed}
        kept = [one for one in self.all() if one["id"] >= oldest and one["id"] not in known]
        self.ids, self.messages = [], {}
        self.add([*listed, *kept])

    def all(self) -> list[Message]:
        """All that are known, the oldest first."""
        return [self.messages[one] for one in self.ids]

    def of_thread(self, thread_id: str) -> list[Message]:
        """The messages of a thread that are known, the oldest first."""
        return [one for one in self.all() if one.get("thread_id") == thread_id]

    def newest_of(self, user: str, *, thread_id: str | None = None) -> Message | None:
        """The newest message that this person said and may edit, in a thread if one is given."""
        said = (
            one
            for one in reversed(self.all())
            if one.get("event") == "message" and str(one.get("user")) == user and one.get("content")
        )
        return next((one for one in said if thread_id in {None, one.get("thread_id")}), None)

    def _put(self, message: Message, *, newest: bool) -> bool:
        number, thread = message.get("id"), message.get("thread")
        if not isinstance(number, int) or message.get("event") in _CHANGES:
            return False
        thread_id = message.get("thread_id")
        if thread_id and isinstance(thread, dict) and (newest or thread_id not in self.threads):
            self.threads[thread_id] = thread
        if number in self.messages:
            return False
        insort(self.ids, number)
        self.messages[number] = message
        if thread_id and thread_id not in self.tones:
            self.tones[thread_id] = self._tone_beside(bisect_left(self.ids, number), thread_id)
        for event in self._early.pop(number, ()):
            self._change(number, event)
        return True

    def _change(self, number: int, event: Message) -> None:
        if number in self.messages:
            self.messages[number] = _CHANGES[str(event["event"])](self.messages[number], event)
        elif len(self._early) < KEPT_CHANGES:
            self._early.setdefault(number, []).append(event)

    def _tone_beside(self, at: int, thread_id: str) -> Tone:
        before = self._toned(reversed(self.ids[max(at - 60, 0) : at]))
        after = self._toned(self.ids[at + 1 : at + 60])
        return tone_for(thread_id, nearby=before + after[:2], beside=before[:1] + after[:1])

    def _toned(self, numbers: Iterable[int]) -> list[Tone]:
        threads = dict.fromkeys(self.messages[number].get("thread_id") for number in numbers)
        return [self.tones[one] for one in threads if one in self.tones][:NEARBY]


def _edited(message: Message, event: Message) -> Message:
    text = event["content"].get("updated_content")
    if not text:
        return {**message, "event": "message", "content": "", "attachments": []}
    return {**message, "content": text, "edited": event.get("sent")}


def _tagged(message: Message, event: Message) -> Message:
    gone, come = set(event["content"].get("remove", ())), event["content"].get("add", ())
    kept = [tag for tag in message.get("tags") or () if tag not in gone]
    return {**message, "tags": kept + [tag for tag in come if tag not in kept]}


def _reacted(message: Message, event: Message) -> Message:
    emoji, user = str(event["content"].get("emoji")), str(event.get("user"))
    reactions = {name: list(users) for name, users in (message.get("emojiReactions") or {}).items()}
    others = [one for one in reactions.pop(emoji, []) if one != user]
    if event["content"].get("type") == "add":
        others.append(user)
    return {**message, "emojiReactions": reactions | ({emoji: others} if others else {})}


def _moved(message: Message, event: Message) -> Message:
    return {**message, "thread_id": event["content"]["thread_id"], "thread": event["content"].get("thread")}


_CHANGES: Mapping[str, Callable[[Message, Message], Message]] = {
    "message-edit": _edited,
    "tag-change": _tagged,
    "emoji-reaction": _reacted,
    "rethread": _moved,
}
