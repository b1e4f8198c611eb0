"""The way to the server: its name, a connection, encryption."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import SplitResult, urlsplit

from flowdock.cli.addresses import is_here
from flowdock.cli.doctor import configured
from flowdock.cli.doctor.findings import Case, Finding, fine, note, wrong

SECONDS = 10.0
SOON_DAYS = 14
"""A certificate that ends within so many days should be followed by another."""


def name(case: Case) -> Iterator[Finding]:
    """Whether the name of the server, or of the proxy before it, has an address."""
    host, port = _ends(_first(case))
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        then = f"is {host!r} spelled right in {case.where.api_url}? is this machine in the network that knows it?"
        yield wrong("name", f"{host} has no address: {reason}", then, is_end=True)
        return
    addresses = dict.fromkeys(str(address[0]) for *_, address in found)
    if host not in addresses:
        yield fine("name", f"{host} is {', '.join(addresses)}")


def connection(case: Case) -> Iterator[Finding]:
    """Whether something listens there."""
    host, port = _ends(_first(case))
    begin = time.monotonic()
    try:
        socket.create_connection((host, port), timeout=SECONDS).close()
    except TimeoutError:
        told = f"nothing answers at {host}:{port} within {SECONDS:g} s"
        yield wrong("connection", told, _unanswered(case, "does a firewall keep this machine out?"), is_end=True)
    except OSError as error:
        starts = "'flowdock up' starts one" if is_here(case.where.api_url) else "is the server running, at this port?"
        told = f"{host}:{port}: {error.strerror or error}"
        yield wrong("connection", told, _unanswered(case, starts), is_end=True)
    else:
        yield fine("connection", f"{host}:{port} in {(time.monotonic() - begin) * 1000:.0f} ms")


def encryption(case: Case) -> Iterator[Finding]:
    """Whether the certificate is trusted and for how long; through a proxy the requests that follow tell."""
    parts = urlsplit(case.where.api_url)
    if parts.scheme != "https" or configured.proxied(case.where.api_url):
        return
    host, port = _ends(parts)
    try:
        context = ssl.create_default_context()
        with (
            closing(socket.create_connection((host, port), timeout=SECONDS)) as plain,
            context.wrap_socket(plain, server_hostname=host) as encrypted,
        ):
            certificate, version = encrypted.getpeercert() or {}, encrypted.version()
    except ssl.SSLCertVerificationError as error:
        yield wrong(
            "encryption",
            f"the certificate of {host} is not trusted: {error.verify_message}",
            _trust(error),
            is_end=True,
        )
    except ssl.SSLError as error:
        then = f"does it speak plain HTTP? then its address is http://{host}:{port}"
        yield wrong("encryption", f"{host}:{port} does not speak TLS: {error.reason}", then, is_end=True)
    except OSError as error:
        what = "does not begin to encrypt" if isinstance(error, TimeoutError) else "ended the connection"
        yield wrong("encryption", f"{host}:{port} {what}: {error}", "is it a port for TLS?", is_end=True)
    else:
        yield _expiry(host, str(certificate.get("notAfter")), str(version))


def _unanswered(case: Case, then: str) -> str:
    if configured.proxied(case.where.api_url):
        return f"that is the proxy; NO_PROXY={urlsplit(case.where.api_url).hostname} goes the direct way"
    return then


def _expiry(host: str, ends: str, version: str) -> Finding:
    moment = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
    days = (moment - datetime.now(UTC)).days
    if days < SOON_DAYS:
        return note("encryption", f"the certificate of {host} ends in {days} days", "have it renewed")
    return fine("encryption", f"{version}, certificate of {host} until {moment:%Y-%m-%d}")


def _trust(error: ssl.SSLCertVerificationError) -> str:
    if "expired" in error.verify_message:
        return "have it renewed; is the clock of this machine right?"
    if "mismatch" in error.verify_message.lower() or "not valid for" in error.verify_message:
        return "use the name that stands in the certificate, or have it made for this one"
    return "SSL_CERT_FILE=FILE names the certificates to trust, such as that of your own authority"


def _first(case: Case) -> SplitResult:
    return urlsplit(configured.proxied(case.where.api_url) or case.where.api_url)


def _ends(parts: SplitResult) -> tuple[str, int]:
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
