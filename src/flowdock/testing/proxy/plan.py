"""Faults drawn by chance, the same ones each time from the same seed. Pure."""

import random
from collections.abc import Sequence

from flowdock.testing.proxy import faults
from flowdock.testing.proxy.faults import Fault, Kind

KINDS: tuple[Kind, ...] = ("cut", "cut", "cut", "close", "half_close", "stall", "hold", "refuse", "fragment")
"""Those drawn by default, some of them more often than others."""


class Plan:
    """What goes wrong with one request after the other: `share` of them are hit, from 0 to 1.

    Faults strike within the first `within` bytes and last up to `longest` seconds; `kinds` are those to draw from, of
    which one that is named twice comes twice as often. What a plan prints as makes the same plan again.

    Example:
        proxy.plan = Plan(seed=3569, share=0.2)
    """

    def __init__(
        self,
        seed: int,
        *,
        share: float = 0.3,
        within: int = 2000,
        longest: float = 0.2,
        kinds: Sequence[Kind] = KINDS,
    ) -> None:
        self.seed, self.share, self.within, self.longest, self.kinds = seed, share, within, longest, tuple(kinds)
        self._chance = random.Random(seed)  # noqa: S311 - it is to be repeated, and keeps no secret

    def __repr__(self) -> str:
        kinds = "" if self.kinds == KINDS else f", kinds={self.kinds}"
        return f"Plan({self.seed}, share={self.share}, within={self.within}, longest={self.longest}{kinds})"

    def draw(self) -> Fault | None:
        """What happens to the next request; None if nothing does."""
        # Always as many numbers, so that another `share` hits the same requests, and others.
        hit, side, after, seconds = (self._chance.random() for _ in range(4))
        kind = self._chance.choice(self.kinds)
        if hit >= self.share:
            return None
        if kind == "hold":
            return faults.hold(seconds=seconds * self.longest)
        if kind == "refuse":
            return faults.refuse(seconds * self.longest)
        if kind == "fragment":
            return faults.fragment(1 + int(after**2 * 200))
        return Fault(
            kind=kind,
            side="request" if side < 0.5 else "answer",
            after=int(after**2 * self.within),
            seconds=seconds * self.longest,
        )
