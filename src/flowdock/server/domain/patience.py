"""When to try again what did not arrive.

The pauses grow from ten seconds to six hours, so that a receiver that is away for a moment misses nothing for long, and
one that is away for two days is not asked all the time.
"""

FIRST_PAUSE = 10_000
LONGEST_PAUSE = 6 * 3_600_000
GROWTH = 3
ATTEMPTS = 15
"""Some 45 hours after the first attempt comes the last."""


def pause_after(attempts: int, chance: bytes) -> int | None:
    """Milliseconds until the next attempt after so many that failed; None when it is time to give up.

    Two random bytes spread it by up to a fifth, so that what failed together is not tried together for ever.
    """
    if attempts >= ATTEMPTS:
        return None
    pause: int = min(FIRST_PAUSE * GROWTH ** (attempts - 1), LONGEST_PAUSE)
    return pause * 4 // 5 + pause * int.from_bytes(chance[:2], "big") // (5 * 0xFFFF)
