"""The other processes of this site, as the hub hears of them: through a broker, and by looking at the logs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from flowdock.server.hub.broker import Broker
from flowdock.server.hub.hub import Heard, Hub
from flowdock.server.hub.watch import Heads, Watch

ALONE_SECONDS = 1.0
"""How often the logs are looked at when nobody tells that they have grown."""
SECONDS = 5.0
"""The same when somebody does."""


@dataclass(frozen=True, slots=True)
class _Whisper:
    log_id: int
    frame: bytes
    number: int = 0
    expels: int = 0


class Neighbours:
    """Hears what other processes do, and tells them what is done here. Without a broker the logs tell, later."""

    def __init__(
        self, hub: Hub, heads: Heads, broker: Broker | None, *, forget_credentials: Callable[[], None]
    ) -> None:
        self._hub = hub
        self._broker = broker
        self._forget_credentials = forget_credentials
        self.watch = Watch(
            hub, heads, is_alone=lambda: not (broker and broker.hears), seconds=SECONDS, alone_seconds=ALONE_SECONDS
        )

    def follow(self, log_id: int) -> None:
        """A log has its first reader here."""
        if self._broker is not None:
            self._broker.follow(log_id)
        if self._broker is None or not self._broker.hears:
            self.watch.look([log_id])

    def unfollow(self, log_id: int) -> None:
        """A log lost its last reader here."""
        if self._broker is not None:
            self._broker.unfollow(log_id)

    def tell(self, heard: Iterable[Heard], *, credentials_changed: bool) -> None:
        """Something was committed here."""
        if self._broker is not None:
            self._broker.tell(heard)
            if credentials_changed:
                self._broker.tell_credentials_changed()

    def reached(self, log_id: int, number: int) -> None:
        """Another process let a log grow."""
        self._hub.reached(log_id, number)

    def whispered(self, log_id: int, frame: bytes) -> None:
        """Another process whispered."""
        self._hub.announce([_Whisper(log_id, frame)])

    def listening(self, log_ids: Sequence[int]) -> None:
        """From now on these logs are heard; what was said before is in them."""
        self.watch.look(log_ids)

    def deaf(self) -> None:
        """Nothing is heard until `listening` comes."""
        self.watch.look_at_all()

    def credentials_changed(self) -> None:
        """Another process changed tokens or passwords."""
        self._forget_credentials()

    async def run(self) -> None:
        """Hear the broker, if there is one, until cancelled."""
        if self._broker is not None:
            await self._broker.run(self)
