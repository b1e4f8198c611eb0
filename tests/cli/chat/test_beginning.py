"""How the chat begins, or says why it cannot."""

import contextlib
import fcntl
import os
import select
import struct
import subprocess
import sys
import termios

import pytest

from flowdock.testing import Account, Server
from tests.cli.programs import Run


def test_it_needs_a_terminal(alice: Account, run: Run) -> None:
    assert run("chat").complaint.startswith("chat needs a terminal; 'flowdock tail' shows what happens in a pipe")


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody looks at standard output."""
    monkeypatch.setattr("flowdock.cli.terminal.is_watched", lambda: True)


def test_it_says_what_to_install(looked_at: None, alice: Account, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "textual", None)

    assert run("chat").complaint == "chat needs the package textual: install flowdock[cli]"


def test_a_place_that_is_not_there_is_told_before_the_screen_is_taken(
    looked_at: None, alice: Account, run: Run
) -> None:
    assert run("chat", "--flow", "acme/mian").complaint.startswith("no flow 'acme/mian' for this token")
    assert run("chat", "--to", "bbo").complaint == "nobody here has the nick 'bbo'; did you mean 'bob'?"


def test_it_is_seen_on_a_terminal_and_left_by_a_key(alice: Account, server: Server) -> None:
    watching, watched = os.openpty()
    fcntl.ioctl(watched, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-m", "flowdock", "chat"]
    with subprocess.Popen(command, stdin=watched, stdout=watched, stderr=watched) as chat:
        os.close(watched)
        seen = b""
        while b"Welcome" not in seen and select.select([watching], [], [], 20)[0]:
            seen += os.read(watching, 1 << 16)
        os.write(watching, b"\x11")
        with contextlib.suppress(OSError):  # the last program has let go of it
            while select.select([watching], [], [], 20)[0] and os.read(watching, 1 << 16):
                pass
        assert chat.wait(20) == 0
    os.close(watching)
    assert b"Welcome" in seen


def test_other_commands_do_not_wait_for_it() -> None:
    code = "import sys, flowdock.cli.app; sys.exit('textual' in sys.modules or 'flowdock.cli.chat.app' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
