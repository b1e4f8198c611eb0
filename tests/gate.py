"""A gate before a server's streams that knows how many were opened: a program in a process of its own cannot tell us
when it has begun to listen, but what is sent to it before that moment would be missed.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

PATIENCE_SECONDS = 20
_HEAD = b"HTTP/1.1 200"


class Gate:
    """Passes connections on to a server; `url` is the streaming address to give to the program."""

    def __init__(self, stream_url: str) -> None:
        parts = urlsplit(stream_url)
        self._server = (str(parts.hostname), int(parts.port or 80))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._opened = threading.Semaphore(0)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}{parts.path}"
        threading.Thread(target=self._accept, daemon=True).start()

    def wait_until_one_more_is_open(self) -> None:
        """Wait until the server began to answer one more stream than at the last call: from then on it is heard."""
        if not self._opened.acquire(timeout=PATIENCE_SECONDS):
            raise TimeoutError(f"no stream was opened within {PATIENCE_SECONDS} s")

    def cut(self) -> None:
        """Cut off every stream that is open."""
        sockets, self._sockets = self._sockets, []
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let nobody in any more."""
        # Closing alone would not wake the thread that accepts.
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                inside, _ = self._listening.accept()
            except OSError:
                return
            outside = socket.create_connection(self._server)
            self._sockets += [inside, outside]
            for source, sink, answers in ((inside, outside, False), (outside, inside, True)):
                threading.Thread(target=self._pass_on, args=(source, sink, answers), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError), sink:
            while content := source.recv(65536):
                sink.sendall(content)
                if answers and content.startswith(_HEAD):
                    self._opened.release()


@contextmanager
def before(stream_url: str) -> Iterator[Gate]:
    """A gate before the streams at this address."""
    gate = Gate(stream_url)
    try:
        yield gate
    finally:
        gate.close()
