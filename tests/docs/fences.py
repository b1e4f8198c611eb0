"""The fenced blocks of a Markdown page, and what their info strings ask for.

    ```python                       run it; what it prints is the `text` block right after it
    ```python file=bot.py           keep it as this file in the page's folder, for a command to run
    ```python with=wrapper-1.1      run it in the interpreter of .contract/wrapper-1.1, which has the original wrapper
    ```javascript file=bot.js       keep it as this file, too
    ```console                      run each line that begins with `$ `; what follows is what it prints
    ```console exit=1               the same, and the last command ends with this exit code
    ```console with=node            the same, if .contract/node is there
    ```console background           its last command stays until the end of the page; wait for what it prints
    ```console background=listening the same, but wait until it listens to a stream; its lines come when they come

The blocks of a page are one story: they run in order, in one folder, against one server. Blocks inside of an HTML
comment run too, unseen by readers. A block after the comment `<!-- not run: reason -->` is not run. Other languages are
only shown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

RUN = frozenset({"python", "javascript", "console"})
SHOWN = frozenset({"text", "json", "nginx", "ini", "html"})
OPTIONS = frozenset({"file", "with", "exit", "background"})

_OPENING = re.compile(r"(?P<fence>`{3,})(?P<info>.*)")
_NOT_RUN = re.compile(r"<!-- not run: (?P<reason>.+) -->")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block; `line` is that of its first line of text, from 1."""

    language: str
    text: str
    line: int
    options: Mapping[str, str] = field(default_factory=dict)
    why_not_run: str | None = None
    follows_directly: bool = False
    """Whether only blank lines are between it and the block before."""


class PageError(Exception):
    """A page is not written as the convention wants."""


def blocks(page: str) -> list[Block]:
    """All blocks in order.

    Raises:
        PageError: a fence stays open, or asks for something that nobody knows.
    """
    found: list[Block] = []
    lines = iter(enumerate(page.split("\n"), start=1))
    why_not_run: str | None = None
    only_blanks = False
    for number, line in lines:
        opening = _OPENING.match(line)
        if opening:
            text = _text(lines, fence=opening["fence"], opened_at=number)
            language, options = _asked(opening["info"], line=number)
            found.append(Block(language, text, number + 1, options, why_not_run, only_blanks))
            why_not_run, only_blanks = None, True
        elif line.strip():
            reason = _NOT_RUN.fullmatch(line.strip())
            why_not_run = reason["reason"] if reason else None
            only_blanks = False
    return found


def _text(lines: "enumerate[str]", *, fence: str, opened_at: int) -> str:
    inside: list[str] = []
    for _, line in lines:
        if line.rstrip() == fence:
            return "".join(f"{one}\n" for one in inside)
        inside.append(line)
    raise PageError(f"the block in line {opened_at} is never closed")


def _asked(info: str, *, line: int) -> tuple[str, dict[str, str]]:
    language, *words = info.split() or [""]
    if language not in RUN | SHOWN:
        raise PageError(f"line {line} opens a block of {language!r}; use one of {', '.join(sorted(RUN | SHOWN))}")
    options = dict(word.partition("=")[::2] for word in words)
    if unknown := options.keys() - OPTIONS:
        raise PageError(f"line {line} asks for {', '.join(sorted(unknown))}; use {', '.join(sorted(OPTIONS))}")
    return language, options


@dataclass(frozen=True, slots=True)
class Command:
    """A line of a console, and what the page says it prints."""

    line: str
    shown: str


def commands(block: Block) -> list[Command]:
    """The commands of a console block; a line that begins with `> ` goes on with the one before.

    Raises:
        PageError: it does not begin with a command.
    """
    found: list[tuple[list[str], list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append(([line[2:]], []))
        elif not found:
            raise PageError(f"the console in line {block.line} does not begin with '$ '")
        elif line.startswith("> ") and not found[-1][1]:
            found[-1][0].append(line[2:])
        else:
            found[-1][1].append(line)
    return [Command("\n".join(words), "".join(f"{one}\n" for one in shown)) for words, shown in found]
