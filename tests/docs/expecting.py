"""Comparing what a page shows with what really came out: equal, save what is another every time.

A moment, a token, an id or a password in the page stands for any other of the same form. `…` stands for the rest of an
id, or else for anything within a line; a line of `…` alone stands for any lines. One blank is as good as many, because
columns are as wide as what is in them.
"""

import re

_ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
_DATE_AND_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?"
_DAY = r"[A-Z][a-z]+day, \d{1,2} [A-Z][a-z]+ \d{4}"
_TIME = r"(?<![\d.:])\d\d:\d\d(?![\d:])"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PASSWORD = r"(?<![\w-])[a-z]{4}(?:-[a-z]{4}){2}(?![\w-])"
_WITH_DIGIT = r"(?<![\w-])(?=[\w-]*\d)"

_SHAPES: tuple[tuple[str, str], ...] = (
    (_ISO, _ISO),
    (_DATE_AND_TIME, _DATE_AND_TIME),
    (_DAY, _DAY),
    (_UUID, _UUID),
    (_WITH_DIGIT + r"[A-Za-z0-9_-]{3,}…", r"[A-Za-z0-9_-]+"),
    (r"(?<!\w)[0-9a-f]{32}(?!\w)", "[0-9a-f]{32}"),
    (_PASSWORD, "[a-z]{4}(?:-[a-z]{4}){2}"),
    (_WITH_DIGIT + r"[A-Za-z0-9_-]{27}(?![\w-])", "[A-Za-z0-9_-]{27}"),
    (_WITH_DIGIT + r"[A-Za-z0-9_-]{22}(?![\w-])", "[A-Za-z0-9_-]{22}"),
    (r"(?<!\d)1\d{12}(?!\d)", r"1\d{12}"),
    (_TIME, r"\d\d:\d\d"),
    (r"^…\n", r"(?:.*\n)*?"),
    ("…", r"[^\n]*?"),
)
"""What a page may show, and what may have come instead; the first that fits decides."""
_ANY_SHAPE = re.compile("|".join(f"(?P<shape{at}>{shape})" for at, (shape, _) in enumerate(_SHAPES)), re.MULTILINE)


def matches(shown: str, output: str) -> bool:
    """Whether this output is what the page shows."""
    return _pattern(_plain(shown)).fullmatch(_plain(output)) is not None


def _pattern(shown: str) -> re.Pattern[str]:
    parts: list[str] = []
    end = 0
    for found in _ANY_SHAPE.finditer(shown):
        parts.append(re.escape(shown[end : found.start()]))
        parts.append(_SHAPES[int(str(found.lastgroup).removeprefix("shape"))][1])
        end = found.end()
    parts.append(re.escape(shown[end:]))
    return re.compile("".join(parts))


def _plain(text: str) -> str:
    lines = "\n".join(" ".join(line.split()) for line in text.splitlines()).rstrip("\n")
    return f"{lines}\n" if lines else ""
