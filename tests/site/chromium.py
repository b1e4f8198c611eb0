"""Chromium without a window, told what to do through two pipes, as its developers' tools are.

Source: the Chrome DevTools Protocol (`--remote-debugging-pipe`: JSON, each message ended by a zero byte).
"""

import json
import os
import select
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 30
_LISTENS_AT, _TALKS_AT = 3, 4


class Chromium:
    """One page that is open. `complaints` is what went wrong in it, `asked` the addresses that it asked for."""

    def __init__(self, program: str, profile: Path) -> None:
        self.complaints: list[str] = []
        self.asked: list[str] = []
        heard, self._talk = os.pipe()
        self._hear, told = os.pipe()
        os.set_blocking(self._hear, False)
        self._buffer = bytearray()
        self._count = 0
        self._session: str | None = None
        # The shell puts both pipes where the browser looks for them, whatever their numbers are here.
        self._process = subprocess.Popen(
            [
                *("bash", "-c", f'exec "$@" {_LISTENS_AT}<&{heard} {_TALKS_AT}>&{told}', "chromium", program),
                *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
                *(f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"),
            ],
            pass_fds=[heard, told],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(heard)
        os.close(told)
        page = self.do("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.do("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.do(f"{domain}.enable")

    def open(self, url: str) -> None:
        """Go there, and wait until all of it is loaded."""
        self.do("Page.navigate", url=url)
        self.wait_until("document.readyState == 'complete' && location.href == " + json.dumps(url))

    def wait_until(self, condition: str) -> None:
        """Wait until an expression is true in the page."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.value(condition):
            assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS} s: {condition}"
            time.sleep(0.02)

    def value(self, expression: str) -> Any:
        """What an expression is in the page."""
        told = self.do("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def type(self, text: str) -> None:
        """Type a text where the cursor is."""
        self.do("Input.insertText", text=text)

    def do(self, method: str, **parameters: Any) -> Any:
        """The answer to one command; what happens meanwhile is noted."""
        self._count += 1
        command = {"id": self._count, "method": method, "params": parameters}
        session = {"sessionId": self._session} if self._session else {}
        os.write(self._talk, json.dumps(command | session).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self._count:
                assert "error" not in message, message
                return message["result"]
            self._note(message)

    def close(self) -> None:
        """End it."""
        with suppress(AssertionError, OSError):
            self._session = None
            self.do("Browser.close")
        os.close(self._talk)
        os.close(self._hear)
        try:
            self._process.wait(PATIENCE_SECONDS)
        finally:
            self._process.kill()

    def _message(self) -> Any:
        while (end := self._buffer.find(0)) < 0:
            readable, _, _ = select.select([self._hear], [], [], PATIENCE_SECONDS)
            piece = os.read(self._hear, 1 << 20) if readable else b""
            assert piece, "the browser says nothing any more"
            self._buffer += piece
        message = json.loads(self._buffer[:end])
        del self._buffer[: end + 1]
        return message

    def _note(self, message: Any) -> None:
        told = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.asked.append(told["request"]["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(told["exceptionDetails"]))
            case "Log.entryAdded" if told["entry"]["level"] in {"error", "warning"}:
                self.complaints.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")
            case "Runtime.consoleAPICalled" if told["type"] in {"error", "warning", "assert"}:
                self.complaints.append(str(told["args"]))
