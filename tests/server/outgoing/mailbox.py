"""An SMTP server on this machine: it remembers what came, and answers as it is told."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from queue import Queue
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from flowdock.server import running

PATIENCE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Came:
    """A mail, and for whom it was handed over."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    gave_password: bool


class Mailbox:
    """Listens on a free port of 127.0.0.1. `answer` to a recipient may be changed at any time."""

    def __init__(self, *, password: str | None = None) -> None:
        self.answer = "250 OK"
        self.came: Queue[Came] = Queue()
        self.asked: Queue[str] = Queue()
        self._password = password
        given: dict[str, Any] = {}
        if password is not None:
            given = {"authenticator": self._authenticate, "auth_require_tls": False}
        with running.listen("127.0.0.1", 0) as probe:
            self.port: int = probe.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **given)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    def next(self) -> Came:
        """The next mail, when it comes."""
        return self.came.get(timeout=PATIENCE_SECONDS)

    async def handle_RCPT(self, server: object, session: object, envelope: Any, address: str, options: object) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        self.asked.put(address)
        return self.answer

    async def handle_DATA(self, server: object, session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content.replace(b"\r\n", b"\n"), policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.came.put(Came(envelope.mail_from, envelope.rcpt_tos, message, bool(session.authenticated)))
        return "250 OK"

    def _authenticate(self, server: object, session: object, envelope: object, kind: str, data: Any) -> AuthResult:
        is_right = data.login == b"flowdock" and data.password.decode() == self._password
        return AuthResult(success=is_right, handled=False)
