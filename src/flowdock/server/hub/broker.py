"""What passes between processes that share a database: how far each log has grown, and whispers.

A broker carries no events. Who hears that a log has grown reads the log, so a message that is lost, doubled or late
costs time and nothing else. Only whispers (presence, typing), which are stored nowhere, travel whole.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from flowdock.server.hub.hub import Heard


class UnusableBroker(Exception):
    """There is no broker at this address, or no package to talk to it; the text says so, and what to do."""


class Ears(Protocol):
    """Whoever wants to know what the other processes say. All of it is called on the event loop and must not wait.

    A followed log is heard from the moment `listening` names it until the next `deaf`; at any other time it has to be
    looked at, because nobody tells.
    """

    def reached(self, log_id: int, number: int) -> None:
        """Another process let a log grow up to this number; the same or a smaller one may come again."""

    def whispered(self, log_id: int, frame: bytes) -> None:
        """Another process whispered this JSON."""

    def listening(self, log_ids: Sequence[int]) -> None:
        """From now on these logs are heard: look at their ends once, for what was said before went unheard.

        Every `follow` is answered by this, sooner or later; it may name logs that were heard already.
        """

    def deaf(self) -> None:
        """The broker, or a part of it, is out of reach: no log is heard until `listening` names it again."""

    def credentials_changed(self) -> None:
        """Another process changed tokens or passwords, or may have done so while it could not be heard."""


class Broker(Protocol):
    """Tells other processes what happened here, and hears what happened there. For the event loop's thread only."""

    @property
    def hears(self) -> bool:
        """Whether it is connected and everything that is followed can be heard."""

    def tell(self, heard: Iterable[Heard]) -> None:
        """Let the other processes know what was committed here; the number 0 is a whisper. Never waits.

        While the broker is away, how far each log has grown is kept until it can be told; whispers are dropped.
        """

    def tell_credentials_changed(self) -> None:
        """Let the other processes forget what they know of tokens and passwords. Never waits."""

    def follow(self, log_id: int) -> None:
        """Hear of a log from now on; `Ears.listening` says from when exactly."""

    def unfollow(self, log_id: int) -> None:
        """Take `follow` back."""

    async def run(self, ears: Ears) -> None:
        """Be connected and connect again, until cancelled; what still waits then is told before it ends."""
