"""Writing to people and to pipes.

What others said is shown with its control characters made visible, because a terminal would obey them.
"""

import json
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_VISIBLE = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"},
    0x7F: "\u2421",
    **dict.fromkeys(range(0x80, 0xA0), "\N{REPLACEMENT CHARACTER}"),
}
_RAW_IN_JSON = re.compile("[\x7f-\x9f]")


def visible(text: str) -> str:
    """The text with pictures in place of control characters, save line feed and tab."""
    return text.translate(_VISIBLE)


def text_of(argument: str) -> str:
    """What was given as a text: the argument, or for `-` standard input without line feeds at the end.

    Raises:
        UnicodeError: standard input is not UTF-8.
    """
    return sys.stdin.buffer.read().decode().rstrip("\n") if argument == "-" else argument


def say(text: str) -> None:
    """Write a line to standard output, at once."""
    _be_lenient()
    print(visible(text), flush=True)  # noqa: T201 - this is where the program prints


def say_json(value: object) -> None:
    """Write a value as one line of JSON to standard output, at once."""
    _be_lenient()
    text = json.dumps(value, ensure_ascii="utf" not in (sys.stdout.encoding or "").lower())
    print(_RAW_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text), flush=True)  # noqa: T201 - as above


def tell(content: object, text: str, *, as_json: bool) -> None:
    """Write what a program gets as JSON, or what a person gets as a line."""
    if as_json:
        say_json(content)
    else:
        say(text)


def remark(text: str) -> None:
    """Write one line to standard error."""
    print(visible(" ".join(text.split())), file=sys.stderr, flush=True)  # noqa: T201 - as above


def end_line() -> None:
    """Begin a new line on a terminal, which shows `^C` where the program was interrupted."""
    if is_watched():
        say("")


def is_watched() -> bool:
    """Whether a person is looking at standard output."""
    return sys.stdout.isatty()


def console(*, stderr: bool = False) -> "Console":
    """Where styled text goes: without colours when nobody looks, and never changed on the way."""
    from rich.console import Console

    _be_lenient()
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def _be_lenient() -> None:
    # A character that the terminal's encoding lacks is written as an escape instead of ending the program.
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
