"""The colours of the chat, by day and by night, and which thread has which of them. Pure.

A thread's colour comes with a glyph, so that colour is never the only sign of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Tone:
    """A colour in OKLCH, with a lightness for light and one for dark terminals, and the glyph that goes with it."""

    name: str
    day: float
    night: float
    chroma: float
    hue: float
    glyph: str

    def shade(self, *, dark: bool) -> str:
        """The colour as `#rrggbb`."""
        return _hex(self.night if dark else self.day, self.chroma, self.hue)

    def wash(self, *, dark: bool) -> str:
        """A background that a text can be read on, with a little of the colour."""
        return _hex(0.29 if dark else 0.94, self.chroma * (0.3 if dark else 0.16), self.hue)


TONES = (
    Tone("coral", 0.55, 0.76, 0.185, 27, "●"),
    Tone("amber", 0.63, 0.80, 0.140, 72, "○"),
    Tone("olive", 0.50, 0.68, 0.110, 112, "▬"),
    Tone("green", 0.61, 0.85, 0.160, 148, "≡"),
    Tone("teal", 0.44, 0.63, 0.088, 188, "+"),
    Tone("sky", 0.56, 0.77, 0.115, 225, "×"),  # noqa: RUF001 - a cross is meant, not the letter
    Tone("blue", 0.50, 0.69, 0.170, 256, "◆"),
    Tone("indigo", 0.43, 0.62, 0.190, 281, "▲"),
    Tone("violet", 0.62, 0.85, 0.180, 308, "■"),
    Tone("magenta", 0.49, 0.67, 0.205, 354, "‖"),
    Tone("brown", 0.44, 0.62, 0.080, 50, "/"),
    Tone("slate", 0.55, 0.72, 0.030, 255, "»"),
)

_ALIKE = frozenset(
    frozenset(pair.split())
    for pair in (
        "amber green",
        "amber coral",
        "blue indigo",
        "blue sky",
        "coral brown",
        "coral green",
        "coral olive",
        "green sky",
        "slate magenta",
        "slate olive",
        "slate sky",
        "sky violet",
        "teal indigo",
        "teal magenta",
    )
)
"""Pairs that some eyes hardly tell apart."""


def tone_for(thread_id: str, *, nearby: Sequence[Tone], beside: Sequence[Tone] = ()) -> Tone:
    """The tone of a thread that has none yet: its own, else the next that is not `nearby` and not like one `beside`."""
    want = _fnv1a(thread_id.encode()) % len(TONES)
    tries = [TONES[(want + 5 * step) % len(TONES)] for step in range(len(TONES))]
    unlike = [one for one in tries if not any(frozenset((one.name, other.name)) in _ALIKE for other in beside)]
    free = [one for one in unlike if one not in nearby] or [one for one in tries if one not in nearby]
    return (free or [one for one in tries if one not in beside] or tries)[0]


@dataclass(frozen=True, slots=True)
class Palette:
    """What is coloured besides threads. All are read on `paper` with at least 4.5:1."""

    dark: bool
    paper: str
    ink: str
    quiet: str
    accent: str
    accent_wash: str
    code: str
    chosen: str
    error: str


NIGHT = Palette(
    dark=True,
    paper="#14161a",
    ink="#e4e6ea",
    quiet="#9aa1ac",
    accent="#6cb6ff",
    accent_wash="#1d3350",
    code="#262a31",
    chosen="#343a45",
    error="#ff8a80",
)
DAY = Palette(
    dark=False,
    paper="#fcfcfa",
    ink="#22262c",
    quiet="#5c636e",
    accent="#0b5cad",
    accent_wash="#dbeafb",
    code="#eceef0",
    chosen="#d5dae2",
    error="#b3261e",
)

STATUS = {
    "black": ("#22262c", "#ffffff"),
    "blue": ("#1f5fbf", "#ffffff"),
    "cyan": ("#0e7490", "#ffffff"),
    "green": ("#1d7a3a", "#ffffff"),
    "grey": ("#5c636e", "#ffffff"),
    "lime": ("#a3d139", "#1c2400"),
    "orange": ("#f0932b", "#2b1600"),
    "purple": ("#7a3fb0", "#ffffff"),
    "red": ("#b3261e", "#ffffff"),
    "yellow": ("#f2ce3a", "#2b2300"),
}
"""Background and ink of the status of an inbox item, by its colour on the wire."""


@lru_cache(maxsize=256)
def _hex(lightness: float, chroma: float, hue: float) -> str:
    """OKLCH as sRGB; where the screen has no such colour, the nearest with less chroma."""
    rgb = _linear(lightness, chroma, hue)
    while chroma > 0 and any(not -0.0005 <= part <= 1.0005 for part in rgb):
        chroma = max(chroma - 0.004, 0)
        rgb = _linear(lightness, chroma, hue)
    return "#" + "".join(f"{_gamma(part):02x}" for part in rgb)


def _linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _gamma(part: float) -> int:
    part = min(max(part, 0.0), 1.0)
    return round(255 * (12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055))


def _fnv1a(text: bytes) -> int:
    value = 0x811C9DC5
    for byte in text:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value
