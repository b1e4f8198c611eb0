"""Comparing what a page shows with what really came out: equal, save what is another every time.

A moment, a token, an id or a password in the page stands for any other of the same form. `…` stands for the rest of a
word, or between blanks for any words; a line of `…` alone stands for any lines.
"""

import re

_ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
_DATE_AND_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?"
_TIME = r"(?<![\d.:])\d\d:\d\d(?![\d:])"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PASSWORD = r"(?<![\w-])[a-z]{4}(?:-[a-z]{4}){2}(?![\w-])"
_SHORTENED_ID = r"(?<![\w-])(?=[\w-]*\d)[A-Za-z0-9_-]{3,}…"

_SHAPES: tuple[tuple[str, str], ...] = (
    (_ISO, _ISO),
    (_DATE_AND_TIME, _DATE_AND_TIME),
    (_UUID, _UUID),
    (_SHORTENED_ID, r"[A-Za-z0-9_-]+"),
    (r"(?<!\w)[0-9a-f]{32}(?!\w)", "[0-9a-f]{32}"),
    (_PASSWORD, "[a-z]{4}(?:-[a-z]{4}){2}"),
    (r"(?<![\w-])(?=[\w-]*\d)[A-Za-z0-9_-]{27}(?![\w-])", "[A-Za-z0-9_-]{27}"),
    (r"(?<![\w-])(?=[\w-]*\d)[A-Za-z0-9_-]{22}(?![\w-])", "[A-Za-z0-9_-]{22}"),
    (r"(?<!\d)1\d{12}(?!\d)", r"1\d{12}"),
    (_TIME, r"\d\d:\d\d"),
    (r"(?m)^…\n", r"(?:.*\n)*?"),
    ("…", r"[^\n]*?"),
)
_ANY_SHAPE = re.compile("|".join(f"(?P<shape{at}>{shape.removeprefix('(?m)')})" for at, (shape, _) in enumerate(_SHAPES)), re.M)


def pattern(shown: str) -> re.Pattern[str]:
    """What the output has to match as a whole."""
    parts: list[str] = []
    end = 0
    for found in _ANY_SHAPE.finditer(shown):
        parts.append(re.escape(shown[end : found.start()]))
        parts.append(_SHAPES[int((found.lastgroup or "").removeprefix("shape"))][1])
        end = found.end()
    parts.append(re.escape(shown[end:]))
    return re.compile("".join(parts))


def plain(output: str) -> str:
    """The output without blanks at the ends of lines and without empty lines at its end."""
    lines = [line.rstrip() for line in output.splitlines()]
    return "".join(f"{line}\n" for line in lines).rstrip("\n") + "\n" if any(lines) else ""


def matches(shown: str, output: str) -> bool:
    """Whether this output is what the page shows."""
    return pattern(plain(shown)).fullmatch(plain(output)) is not None
