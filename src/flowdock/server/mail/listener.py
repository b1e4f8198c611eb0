"""Where mail comes in: LMTP or SMTP, spoken with the mail server in front, which has TLS, queues and filters.

There is no sign-in and no relaying: mail for this server's flows is taken, nothing else. A message is acknowledged
after its commit, so what was acknowledged is there.
"""

import asyncio
import logging
import socket
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, AnyStr, Literal
from urllib.parse import urlsplit

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from flowdock.server.mail.delivery import TAKEN, TRY_AGAIN, Delivery

CONNECTIONS = 50
RECIPIENTS = 100
"""Of one message."""
IDLE_SECONDS = 300
"""How long a command or a message may take. Source: RFC 5321, 4.5.3.2."""
END_SECONDS = 5
"""How long the end waits for messages that were received already."""
LINE_BYTES = 64 * 1024
"""The length of a line: programs send longer ones than the 1000 bytes of RFC 5321."""

log = logging.getLogger("flowdock.mail")


class CannotListen(Exception):
    """Mail cannot be taken where it was to be."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where mail comes in, and in which protocol."""

    protocol: Literal["lmtp", "smtp"]
    host: str
    port: int


def where_of(url: str) -> Where:
    """What `lmtp://127.0.0.1:2400` or `smtp://127.0.0.1:2525` names.

    Raises:
        ValueError: it is neither.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("lmtp", "smtp") or not parts.hostname or parts.port is None or parts.username is not None:
        raise ValueError("it is not of the form lmtp://127.0.0.1:2400 or smtp://127.0.0.1:2525")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("it has something behind the port")
    return Where("lmtp" if parts.scheme == "lmtp" else "smtp", parts.hostname, parts.port)


class Listener:
    """Takes mail from when it is opened until it is closed. `domain` is the name it greets with."""

    def __init__(self, delivery: Delivery, where: Where, *, domain: str, limit_bytes: int, shares: bool) -> None:
        """With `shares` several processes listen at the same port, and the system says which of them gets whom."""
        self._delivery = delivery
        self._where = where
        self._domain = domain
        self._limit_bytes = limit_bytes
        self._shares = shares and hasattr(socket, "SO_REUSEPORT")
        self._server: asyncio.Server | None = None
        self._open: set[SMTP] = set()
        self._under_way: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        """Listen.

        Raises:
            CannotListen: the address is in use, or none of this machine.
        """
        where = self._where
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                self._connection, where.host, where.port, reuse_port=self._shares or None
            )
        except OSError as error:
            why = error.strerror or str(error)
            raise CannotListen(f"cannot take mail at {where.protocol}://{where.host}:{where.port}: {why}") from error

    async def close(self) -> None:
        """Take no more, wait for what was received, and let go of everybody."""
        if self._server is not None:
            self._server.close()
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=END_SECONDS)
        for connection in tuple(self._open):
            if connection.transport is not None:
                connection.transport.close()
        self._delivery.close()

    async def finished(self, work: Coroutine[Any, Any, Sequence[str]], count: int) -> Sequence[str]:
        """What this work answers, which goes on even if nobody waits for it any more."""
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            return await asyncio.shield(task)
        except Exception:
            log.exception("a mail could not be taken")
            return [TRY_AGAIN] * count

    @property
    def is_full(self) -> bool:
        """Whether there are as many connections as may be."""
        return len(self._open) > CONNECTIONS

    def opened(self, connection: SMTP) -> None:
        """Know a connection."""
        self._open.add(connection)

    def lost(self, connection: SMTP) -> None:
        """Forget a connection."""
        self._open.discard(connection)

    def _connection(self) -> SMTP:
        kind = _Lmtp if self._where.protocol == "lmtp" else _Smtp
        return kind(
            self,
            _Hooks(self._delivery, self, answers_each=kind is _Lmtp),
            data_size_limit=self._limit_bytes,
            enable_SMTPUTF8=True,
            hostname=self._domain,
            ident="Flowdock",
            timeout=IDLE_SECONDS,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            loop=asyncio.get_running_loop(),
        )


class _Counted(SMTP):
    """A connection that its listener knows of."""

    line_length_limit = LINE_BYTES

    def __init__(self, listener: Listener, hooks: "_Hooks", **settings: Any) -> None:
        super().__init__(hooks, **settings)
        self._listener = listener

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._listener.opened(self)
        super().connection_made(transport)
        if self._listener.is_full and isinstance(transport, asyncio.Transport):
            transport.write(b"421 4.3.2 Too many connections; try again later\r\n")
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._listener.lost(self)
        super().connection_lost(error)


class _Smtp(_Counted):
    pass


class _Lmtp(_Counted, LMTP):
    """LMTP as RFC 2033 has it: after a message there is an answer for each of its recipients, whatever went wrong."""

    _recipients = 0

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        try:
            await super().smtp_DATA(arg)
        finally:
            self._recipients = 0

    async def push(self, status: AnyStr) -> None:
        await super().push(status)
        said = str(status)
        if said.startswith("354"):
            self._recipients = len(self.envelope.rcpt_tos) if self.envelope is not None else 0
        elif self._recipients and "\r\n" not in said:
            count, self._recipients = self._recipients, 0
            for _ in range(count - 1):
                await super().push(status)


class _Hooks:
    """What happens at each step of a connection."""

    def __init__(self, delivery: Delivery, listener: Listener, *, answers_each: bool) -> None:
        self._delivery = delivery
        self._listener = listener
        self._answers_each = answers_each

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session
        if len(envelope.rcpt_tos) == RECIPIENTS:
            return f"452 4.5.3 A message may have {RECIPIENTS} recipients"
        answer = await self._delivery.offered(address)
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        del server, session
        addresses, data = tuple(envelope.rcpt_tos), envelope.original_content or b""
        returns_to = (envelope.mail_from or "").strip("<> ")
        envelope.content = envelope.original_content = None
        answers = await self._listener.finished(
            self._delivery.deliver(addresses, data, returns_to=returns_to), len(addresses)
        )
        return "\r\n".join(answers) if self._answers_each else _for_all(answers)

    async def handle_exception(self, error: Exception) -> str:
        """Whatever the parser of commands stumbled over: nobody else's business."""
        log.info("a command was not understood: %r", type(error))
        return "500 5.5.2 Error: bad syntax"


def _for_all(answers: Sequence[str]) -> str:
    """One answer for all recipients: while one may still get it, it is brought again, and stored once."""
    for first in ("4", "2"):
        for answer in answers:
            if answer.startswith(first):
                return answer
    return answers[0]
