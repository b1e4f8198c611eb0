"""The clock of a server under test, which can be moved."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from flowdock.server.store.store import REAL, Chance


@dataclass(slots=True)
class Clock:
    """Goes as the real one does, from wherever it was moved to.

    Example:
        clock.advance(hours=3)
        clock.set(datetime(2030, 1, 1, tzinfo=UTC))
    """

    _ahead: int = field(default=0)
    """Milliseconds."""

    def now(self) -> int:
        """The moment, in milliseconds since 1970."""
        return REAL.clock() + self._ahead

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Be so much later.

        Example:
            clock.advance(days=1, hours=2)
        """
        later = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self._ahead += later // timedelta(milliseconds=1)

    def set(self, moment: datetime) -> None:
        """Be at a moment.

        Example:
            clock.set(datetime(2030, 1, 1, tzinfo=UTC))
        """
        self._ahead = (moment - datetime.fromtimestamp(REAL.clock() / 1000, UTC)) // timedelta(milliseconds=1)

    @property
    def chance(self) -> Chance:
        """What a server that goes by this clock is given."""
        return Chance(clock=self.now, entropy=REAL.entropy)
