"""What is said on the channels.

There is a channel for each log, and one for credentials. A message begins with who sent it, because a process hears
what it says itself. Then it is `r 1236`, the log has reached this number, or `w {"event": …}`, somebody whispers.
"""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

CREDENTIALS = 0
"""Stands where a log's id would: tokens or passwords have changed. No log has this id."""

WHISPERS = 1000
"""How many may wait; older ones are dropped."""

_SENDER_BYTES = 8
_REACHED = b"r "
_WHISPER = b"w "


class Letter(NamedTuple):
    """That a log has reached a number, or a whisper, whose number is 0 and whose frame is JSON."""

    log_id: int
    number: int
    frame: bytes = b""


class Channels:
    """Names and languages of the channels; `sender` is 8 bytes that no other process has.

    Channels know no databases, so the number of the database is in their names, and so is the site: what is kept apart
    must not hear each other here.
    """

    def __init__(self, *, database: int, sender: bytes, site: str = "") -> None:
        if len(sender) != _SENDER_BYTES:
            raise ValueError(f"a sender is known by {_SENDER_BYTES} bytes, not {len(sender)}")
        self._prefix = b"flowdock%s:%d:log:" % (site.encode(), database)
        self._sender = sender

    def name(self, log_id: int) -> bytes:
        """The channel of a log."""
        return b"%s%d" % (self._prefix, log_id)

    def log_id(self, name: bytes) -> int:
        """Whose channel this is.

        Raises:
            ValueError: nobody's.
        """
        return int(name.removeprefix(self._prefix))

    def written(self, letter: Letter) -> bytes:
        """What is sent."""
        if letter.number:
            return self._sender + b"%s%d" % (_REACHED, letter.number)
        return self._sender + _WHISPER + letter.frame

    def read(self, name: bytes, content: bytes) -> Letter | None:
        """What came; None for what this process said itself.

        Raises:
            ValueError: it is none of ours.
        """
        if content.startswith(self._sender):
            return None
        kind, words = content[_SENDER_BYTES:][:2], content[_SENDER_BYTES + 2 :]
        if kind == _REACHED:
            return Letter(self.log_id(name), int(words))
        if kind == _WHISPER:
            return Letter(self.log_id(name), 0, words)
        raise ValueError(f"{content[:40]!r} on {name!r} is neither a number nor a whisper")


class Outbox:
    """What waits to be sent: per log the highest number it has reached, and a bounded number of whispers."""

    def __init__(self) -> None:
        self._reached: dict[int, int] = {}
        self._whispers: deque[Letter] = deque(maxlen=WHISPERS)

    def __bool__(self) -> bool:
        return bool(self._reached or self._whispers)

    def put(self, letters: Iterable[Letter]) -> None:
        """Let something wait."""
        for letter in letters:
            if letter.number:
                self._reached[letter.log_id] = max(letter.number, self._reached.get(letter.log_id, 0))
            else:
                self._whispers.append(letter)

    def put_back(self, letters: Iterable[Letter]) -> None:
        """Let wait again what perhaps was not sent; not the whispers, which would come twice or too late."""
        self.put(letter for letter in letters if letter.number)

    def take(self) -> list[Letter]:
        """All that waits, and it waits no longer; the oldest first, whispers last."""
        letters = [*(Letter(log_id, number) for log_id, number in self._reached.items()), *self._whispers]
        self._reached.clear()
        self._whispers.clear()
        return letters
