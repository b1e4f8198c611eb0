"""A line to PostgreSQL that can be cut at a certain word."""

import selectors
import socket
import threading
from contextlib import ExitStack, suppress
from typing import Self

HOST = "127.0.0.1"


class Line:
    """Passes on what is said between clients and the server on `port`; its own port is another one."""

    def __init__(self, port: int) -> None:
        self._server = port
        self._listening = socket.create_server((HOST, 0))
        self.port: int = self._listening.getsockname()[1]
        self._lock = threading.Lock()
        self._word: tuple[bool, bytes] | None = None
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def cut_before_asking(self, word: bytes) -> None:
        """Cut the next connection on which a client says this; the server never hears it."""
        self._word = True, word

    def cut_before_answering(self, word: bytes) -> None:
        """Cut the next connection on which the server says this; the client never hears it."""
        self._word = False, word

    @property
    def was_cut(self) -> bool:
        """Whether it came to that."""
        return self._word is None

    def _accept(self) -> None:
        self._listening.settimeout(0.05)
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                client, _ = self._listening.accept()
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        with ExitStack() as open_sockets:
            open_sockets.enter_context(client)
            try:
                server = open_sockets.enter_context(socket.create_connection((HOST, self._server)))
            except OSError:
                return
            ready = open_sockets.enter_context(selectors.DefaultSelector())
            ready.register(client, selectors.EVENT_READ, (server, True))
            ready.register(server, selectors.EVENT_READ, (client, False))
            while not self._stopping.is_set():
                for key, _ in ready.select(0.05):
                    other, is_question = key.data
                    said = _received(key.fileobj)
                    if not said or self._is_to_be_cut(said, is_question=is_question):
                        return
                    with suppress(OSError):
                        other.sendall(said)

    def _is_to_be_cut(self, said: bytes, *, is_question: bool) -> bool:
        with self._lock:
            if self._word is None or self._word[0] is not is_question or self._word[1] not in said:
                return False
            self._word = None
            return True


def _received(end: object) -> bytes:
    assert isinstance(end, socket.socket)
    try:
        return end.recv(65536)
    except OSError:
        return b""
