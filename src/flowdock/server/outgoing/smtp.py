"""One mail to the SMTP server that whoever runs this site named, as `smtp://user:password@host:port`.

A password goes to nobody who listens in: without TLS it is sent on this machine only, unless `?starttls=no` says so.
"""

import asyncio
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import getaddresses
from ipaddress import ip_address
from typing import Literal, TypeAlias, cast
from urllib.parse import parse_qs, unquote, urlsplit

Tls: TypeAlias = Literal["at once", "yes", "try", "no"]

STEP_SECONDS = 30.0
"""So long each step may take: connecting, each answer."""
ALL_SECONDS = 90.0
"""So long all steps may take together."""

_PORTS = {"smtp": 25, "smtps": 465}
_STARTTLS = frozenset({"yes", "try", "no"})
_FORM = "smtp://user:password@host:port, smtps://…, with ?starttls=yes|no|try"


class BadMailServer(ValueError):
    """This names no mail server; the text says why, without the password."""


class MailFailed(Exception):
    """The mail was not taken. What `is_final` would fail in the same way again; the rest may be tried later."""

    def __init__(self, problem: str, *, is_final: bool = False) -> None:
        super().__init__(problem)
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, as whom, and whether that is encrypted."""

    host: str
    port: int
    tls: Tls
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)


def mail_server(url: str) -> MailServer:
    """The mail server that an address names.

    Raises:
        BadMailServer: it names none.
    """
    if "@" in url and "@" not in re.split("[/?#]", url.partition("//")[2])[0]:
        raise BadMailServer("has a special character in its password; write %2F for /, %40 for @, %23 for #, %3F for ?")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        asked = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    except ValueError as error:
        raise BadMailServer(f"is not of the form {_FORM}") from error
    if parts.scheme not in _PORTS or not host or parts.path not in ("", "/") or parts.fragment or port == 0:
        raise BadMailServer(f"is not of the form {_FORM}")
    return MailServer(
        host,
        port or _PORTS[parts.scheme],
        "at once" if parts.scheme == "smtps" else _starttls(asked),
        None if parts.username is None else unquote(parts.username),
        unquote(parts.password or ""),
    )


def sender(text: str) -> Address:
    """Whom mail comes from, `flowdock@example.com` or `Flowdock <flowdock@example.com>`.

    Raises:
        ValueError: this is not one address.
    """
    problem = f"{text!r} is not an address such as flowdock@example.com"
    found = getaddresses([text])
    if len(found) != 1 or "@" not in found[0][1] or not text.isprintable():
        raise ValueError(problem)
    [(name, address)] = found
    try:
        return Address(name, addr_spec=address)
    except Exception as error:  # what the standard library raises for a text that is none is of many kinds
        raise ValueError(problem) from error


class Smtp:
    """Hands mail over, on a new connection for each. `trust` says which certificates are believed."""

    def __init__(self, server: MailServer, *, trust: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._trust = trust

    async def send(self, message: EmailMessage, *, sender: str, recipient: str) -> None:
        """Hand one mail over to the server, for one person.

        Raises:
            MailFailed: it was not taken.
        """
        way = _Way(self._server, self._trust)
        try:
            async with asyncio.timeout(ALL_SECONDS):
                await _on_a_thread(lambda: way.carry(message, sender, recipient))
        except TimeoutError as error:
            raise MailFailed(f"{self._server.host} did not take it within {ALL_SECONDS:g} seconds") from error
        finally:
            way.cut()


class _Way:
    """A connection to a mail server, from its beginning to its end."""

    def __init__(self, server: MailServer, trust: ssl.SSLContext | None) -> None:
        self._server = server
        self._trust = trust
        self._connection: smtplib.SMTP | None = None

    def carry(self, message: EmailMessage, sender: str, recipient: str) -> None:
        """Connect, say who we are, hand over, leave.

        Raises:
            MailFailed: it was not taken.
        """
        try:
            self._carry(message, sender, recipient)
        except (OSError, ValueError) as error:
            raise _failure(error, self._server.host) from error

    def cut(self) -> None:
        """End it, wherever it is."""
        if self._connection is None:
            return
        if (connected := self._connection.sock) is not None:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _carry(self, message: EmailMessage, sender: str, recipient: str) -> None:
        connection = self._opened()
        if self._server.tls in ("yes", "try"):
            self._encrypt(connection)
        if self._server.user is not None:
            self._log_in(connection)
        connection.send_message(message, sender, [recipient])
        with suppress(OSError, smtplib.SMTPException):  # it was taken, whatever comes of the goodbye
            connection.quit()

    def _opened(self) -> smtplib.SMTP:
        connection: smtplib.SMTP
        if self._server.tls == "at once":
            connection = smtplib.SMTP_SSL(timeout=STEP_SECONDS, context=self._context())
            connection._host = self._server.host  # type: ignore[attr-defined]  # noqa: SLF001 - see below
        else:
            connection = smtplib.SMTP(timeout=STEP_SECONDS)
            connection._host = self._server.host  # type: ignore[attr-defined]  # noqa: SLF001
        # Made before it connects, so that it can be cut meanwhile. Then smtplib learns the host, which certificates
        # are compared with, in no other way: https://bugs.python.org/issue36094
        self._connection = connection
        code, _ = connection.connect(self._server.host, self._server.port)
        if code != 220:
            raise MailFailed(f"{self._server.host} takes no mail now ({code})")
        return connection

    def _encrypt(self, connection: smtplib.SMTP) -> None:
        if self._server.tls == "try" and _is_here(connection):
            return
        connection.ehlo_or_helo_if_needed()
        if connection.has_extn("starttls"):
            connection.starttls(context=self._context())
        elif self._server.tls == "yes":
            raise MailFailed(f"{self._server.host} offers no TLS, which ?starttls=yes demands")

    def _log_in(self, connection: smtplib.SMTP) -> None:
        is_private = isinstance(connection.sock, ssl.SSLSocket) or _is_here(connection)
        if not is_private and self._server.tls != "no":
            raise MailFailed(
                f"{self._server.host} offers no TLS, and a password is not sent without;"
                " ?starttls=no in its address sends it all the same"
            )
        connection.login(self._server.user or "", self._server.password)

    def _context(self) -> ssl.SSLContext:
        return self._trust or ssl.create_default_context()


def _starttls(asked: dict[str, list[str]]) -> Tls:
    [wanted, *more] = asked.pop("starttls", ["try"])
    if asked or more or wanted not in _STARTTLS:
        raise BadMailServer("has options that nobody knows; there is ?starttls=yes, no or try")
    return cast("Tls", wanted)


def _is_here(connection: smtplib.SMTP) -> bool:
    """Whether the other end is on this machine."""
    address = str(cast("socket.socket", connection.sock).getpeername()[0])
    return ip_address(address.partition("%")[0]).is_loopback


def _failure(error: Exception, host: str) -> MailFailed:
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            [(code, text)] = refused.values()
            return MailFailed(_said(host, code, text), is_final=code >= 500)
        case smtplib.SMTPAuthenticationError(smtp_code=code):
            # What it answers may quote what it was told.
            return MailFailed(f"{host} does not accept the user name with this password ({code})")
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=text):
            # That of the sender and all before is about this server, which may be set right.
            return MailFailed(
                _said(host, code, text), is_final=isinstance(error, smtplib.SMTPDataError) and code >= 500
            )
        case smtplib.SMTPNotSupportedError():
            return MailFailed(f"{host} cannot do what this mail needs: {error}")
        case OSError():
            return MailFailed(f"{host} {_trouble(error)}")
    return MailFailed(f"the mail cannot be written: {error}", is_final=True)


def _trouble(error: OSError) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"has a certificate that is not valid: {error.verify_message}"
        case ssl.SSLError():
            return "speaks no TLS that this server understands"
        case TimeoutError():
            return f"did not answer within {STEP_SECONDS:g} seconds"
        case smtplib.SMTPServerDisconnected() | ConnectionResetError() | BrokenPipeError():
            return "cut the connection off"
    return f"cannot be reached: {error.strerror or type(error).__name__}"


def _said(host: str, code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{host} says {code} {' '.join(said.split())[:200]}"


async def _on_a_thread(work: Callable[[], None]) -> None:
    """Have something done that blocks, on a thread that does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if not done.done():
            done.set_exception(error) if error is not None else done.set_result(None)

    def run() -> None:
        failed: Exception | None = None
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            failed = error
        with suppress(RuntimeError):  # the loop is gone, and with it whoever waited
            loop.call_soon_threadsafe(settle, failed)

    threading.Thread(target=run, name="flowdock-mail", daemon=True).start()
    await done
