"""Write the synchronous client from the asynchronous one, or check that it is up to date.

    python tools/unasync.py            write src/flowdock/client/_sync/ from src/flowdock/client/_async/
    python tools/unasync.py --check    exit with 1 and a diff when that would change anything

A line becomes synchronous by `RULES`, in their order. A rule that changes no line any more is an error as well: it
would lie in wait for a line that it was never meant for. What the rules leave is sorted and formatted by ruff, because
a shorter name moves up in its import and may make two lines fit into one.
"""

import argparse
import difflib
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASYNC = Path("src/flowdock/client/_async")
SYNC = Path("src/flowdock/client/_sync")
HEADER = "# Generated from {source} by tools/unasync.py; edit that file instead\n"


@dataclass(frozen=True)
class Rule:
    """A regular expression and what takes the place of each of its matches within a line."""

    pattern: str
    replacement: str


RULES = (
    # Statements
    Rule(r"\basync (def|with|for)\b", r"\1"),
    Rule(r"\bawait ", ""),
    # Protocols and their types
    Rule(r"\b__a(enter|exit)__\b", r"__\1__"),
    Rule(r"\bAsync(Iterator|Iterable|Generator)\b", r"\1"),
    Rule(r"\basynccontextmanager\b", "contextmanager"),
    Rule(r"\banext\(", "next("),
    Rule(r"\b__a(iter|next)__\b", r"__\1__"),
    Rule(r"\bStopAsyncIteration\b", "StopIteration"),
    Rule(r"\baclosing\b", "closing"),
    Rule(r"^from asyncio import Lock$", "from threading import Lock"),
    # The HTTP client library
    Rule(r"\ba(close|read|iter_bytes)\b", r"\1"),
    Rule(r"\basync_auth_flow\b", "sync_auth_flow"),
    # The clock
    Rule(r"^import asyncio$", "import time"),
    Rule(r"\basyncio\.sleep\b", "time.sleep"),
    # Our own names, and one of the library's
    Rule(
        r"\bAsync(Account|Answer|Client|Conversation|Flow|Integrations|Membership|OAuth|Organizations|Pages|People|Private|Renewable|Service|Several|Stream|Thread|Transport)\b",
        r"\1",
    ),
    Rule(r"\b_async\b", "_sync"),
    Rule(r"\bconnect_async\b", "connect"),
)


def synchronous(text: str, *, rules: Sequence[Rule]) -> tuple[str, set[Rule]]:
    """The text with every line made synchronous, and the rules that changed one."""
    used: set[Rule] = set()
    lines = []
    for line in text.splitlines():
        changed = line
        for rule in rules:
            changed, count = re.subn(rule.pattern, rule.replacement, changed)
            if count:
                used.add(rule)
        lines.append(f"{changed}\n")
    return "".join(lines), used


def formatted(text: str, *, path: Path) -> str:
    """The text as ruff sorts and formats it under the settings of this project."""
    # What is being written may not exist yet, so that ruff could not know it for ours.
    ours = "--config=lint.isort.known-first-party=['flowdock']"
    for arguments in (["check", "--select=I", "--fix-only", "--exit-zero", ours], ["format"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--quiet", "--no-cache", f"--stdin-filename={path}", "-"]
        text = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return text


def generate(root: Path, *, rules: Sequence[Rule]) -> tuple[dict[Path, str], list[Rule]]:
    """What each file below `_sync` should contain, by its path from `root`, and the rules that nothing needed.

    Without any file below `_async` there is nothing to need a rule, so none is reported.
    """
    wanted: dict[Path, str] = {}
    used: set[Rule] = set()
    for source in sorted((root / ASYNC).rglob("*.py")):
        inside = source.relative_to(root / ASYNC)
        text, used_here = synchronous(source.read_text(encoding="utf-8"), rules=rules)
        used |= used_here
        header = HEADER.format(source=(ASYNC / inside).as_posix())
        wanted[SYNC / inside] = formatted(header + text, path=SYNC / inside)
    return wanted, [rule for rule in rules if wanted and rule not in used]


def stale(root: Path, wanted: Iterable[Path]) -> list[Path]:
    """Files below `_sync` whose source is gone, by their path from `root`."""
    present = {path.relative_to(root) for path in (root / SYNC).rglob("*.py")}
    return sorted(present.difference(wanted))


def difference(root: Path, wanted: dict[Path, str]) -> str:
    """A unified diff from what is there to what is wanted, empty when they are the same."""
    complete = wanted | dict.fromkeys(stale(root, wanted), "")
    lines: list[str] = []
    for path, text in sorted(complete.items()):
        there = (root / path).read_text(encoding="utf-8") if (root / path).exists() else ""
        lines += difflib.unified_diff(
            there.splitlines(keepends=True),
            text.splitlines(keepends=True),
            f"{path} as it is",
            f"{path} as it should be",
        )
    return "".join(lines)


def write(root: Path, wanted: dict[Path, str]) -> None:
    """Bring the files below `_sync` up to date; those that already are keep their time."""
    for path in stale(root, wanted):
        (root / path).unlink()
    for path, text in wanted.items():
        target = root / path
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            print(f"wrote {path}")


def main(arguments: Sequence[str], *, root: Path = ROOT, rules: Sequence[Rule] = RULES) -> int:
    """The exit code: 0 done or up to date, 1 out of date or with an unused rule, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="tools/unasync.py", description="Write the synchronous client")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when something would change")
    check = parser.parse_args(arguments).check
    wanted, unused = generate(root, rules=rules)
    for rule in unused:
        print(f"rule {rule.pattern!r} changes no line of {ASYNC}; remove it from RULES", file=sys.stderr)
    if not check:
        write(root, wanted)
        return 1 if unused else 0
    diff = difference(root, wanted)
    if diff:
        print(diff, end="")
        print(f"{SYNC} is not what {ASYNC} makes of it; run 'make sync'", file=sys.stderr)
    return 1 if diff or unused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
