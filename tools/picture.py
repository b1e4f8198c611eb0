"""Draw the terminal of the README: real output of real commands on a real server, with its colours, as an SVG.

python tools/picture.py    write docs/pictures/terminal.svg
"""

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGINT

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

import flowdock
from flowdock import constructors as new
from flowdock.testing import Server

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs/pictures/terminal.svg"
COLUMNS = 84
FIRST_WORDS = "The shop is slow since this morning #incident"
LAST_WORDS = "I am"
THREADS = 3
PATIENCE_SECONDS = 20

_THREAD = re.compile(r"\x1b\[(\d+)m●")

THEME = TerminalTheme(
    background=(24, 26, 31),
    foreground=(214, 217, 224),
    normal=[
        (24, 26, 31),
        (224, 108, 117),
        (126, 192, 128),
        (229, 180, 92),
        (97, 160, 239),
        (198, 120, 221),
        (77, 184, 196),
        (190, 194, 203),
    ],
    bright=[
        (110, 116, 130),
        (240, 140, 148),
        (152, 212, 150),
        (243, 205, 128),
        (130, 184, 247),
        (217, 150, 236),
        (110, 208, 218),
        (240, 242, 246),
    ],
)

SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>flowdock tail in a terminal</title>
<style>
.{unique_id}-matrix, .{unique_id}-title {{
  font: {char_height}px/{line_height}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main() -> int:
    """The exit code."""
    session = recorded()
    # The colour of a thread comes from its id, which is chance; a picture of three threads should have three.
    while len({code[-1] for code in _THREAD.findall(session)}) < THREADS:
        session = recorded()
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(drawn(session), encoding="utf-8")
    return 0


def recorded() -> str:
    """What somebody typed and saw, on a new server."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder) / "data") as server:
        environment = surroundings(server, Path(folder))
        said = shown(["flowdock", "send", FIRST_WORDS], environment)
        with_the_rest(server)
        heard = shown(["flowdock", "tail", "--since", "8"], environment)
    return f'$ flowdock send "{FIRST_WORDS}"\n{said}$ flowdock tail --since 8\n{heard}'


def surroundings(server: Server, folder: Path) -> dict[str, str]:
    """The environment of somebody who is signed in, at a terminal with colours."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FLOWDOCK_") and key != "NO_COLOR"}
    return kept | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "COLUMNS": str(COLUMNS),
        "FLOWDOCK_PROFILE": str(folder / "profile.json"),
        "FLOWDOCK_API_URL": server.url,
        "FLOWDOCK_TOKEN": server.user.token,
    }


@contextmanager
def speaking(server: Server, token: str) -> Iterator[flowdock.Flow]:
    """The flow for the owner of a token."""
    with flowdock.connect(token=token, org=server.org, flow=server.flow, api_url=server.url) as flow:
        yield flow


def with_the_rest(server: Server) -> None:
    """What the others say and do after the first message."""
    with (
        speaking(server, server.second_user.token) as bob,
        speaking(server, server.third_user.token) as carol,
        flowdock.connect(flow_token=server.flow_token, api_url=server.url) as builds,
    ):
        incident = bob.list(limit=1)[0]["thread_id"]
        bob.send("I see it too, @alice. Looking at the database", thread_id=incident)
        lunch = carol.send("Who is up for #lunch at noon?")["thread_id"]
        broken = new.thread("Build 42 of the shop", status=new.status("red", "failed"))
        builds.present("BUILD-42", new.author("Ray"), "saw it fail", thread=broken)
        bob.send("Found it: an index got lost", thread_id=incident)
        mended = new.thread("Build 42 of the shop", status=new.status("green", "passed"))
        builds.present("BUILD-42", new.author("Ray"), "built it again", thread=mended)
        bob.send(LAST_WORDS, thread_id=lunch)


def shown(command: list[str], environment: Mapping[str, str]) -> str:
    """What a command writes to its terminal; one that does not end gets Ctrl-C after the last words."""
    screen, terminal = pty.openpty()
    running = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal, env=dict(environment)
    )
    os.close(terminal)
    written = b""
    deadline = time.monotonic() + PATIENCE_SECONDS
    # A terminal whose last program has gone gives an error instead of an end.
    with suppress(OSError):
        while time.monotonic() < deadline and (content := os.read(screen, 65536)):
            written += content
            if LAST_WORDS.encode() in written:
                running.send_signal(SIGINT)
    os.close(screen)
    if code := running.wait(PATIENCE_SECONDS):
        raise RuntimeError(f"{' '.join(command)} ended with {code}: {written.decode()}")
    return written.decode().replace("\r\n", "\n")


def drawn(session: str) -> str:
    """The session as an SVG."""
    console = Console(
        record=True,
        width=COLUMNS,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    for line in session.rstrip("\n").split("\n"):
        console.print(Text(line, style="bold") if line.startswith("$ ") else Text.from_ansi(line), highlight=False)
    svg = console.export_svg(title="", theme=THEME, code_format=SVG, unique_id="terminal")
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines())


if __name__ == "__main__":
    sys.exit(main())
