"""How a server is set up: where its data lies, where it listens, how much it takes."""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 3569
"""F-L-O-W on a telephone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the parts need to know. `public_url` is how the world reaches this server, without a final slash."""

    data: Path
    public_url: str
    database_url: str | None = field(default=None, repr=False)
    """`postgresql://…` where several processes share a database; else SQLite in the data folder."""
    broker_url: str | None = field(default=None, repr=False)
    """`redis://…` by which those processes hear of each other's commits at once."""
    files_url: str | None = field(default=None, repr=False)
    """Where uploaded files are kept, such as `s3://bucket/prefix`; else in the data folder."""
    mail_url: str | None = field(default=None, repr=False)
    """`smtp://user:password@host:port` of the server that takes mail to people; without one no mail is sent."""
    mail_from: str | None = None
    """Whom mail to people comes from; else flowdock at the host of `public_url`."""
    mail_listen: str | None = None
    """`lmtp://127.0.0.1:2400` or `smtp://…`, where mail to flows comes in; without one none does."""
    durable: bool = True
    """Whether a commit survives a power cut; only tests do without."""
    body_limit_bytes: int = 16 * 1024 * 1024
    upload_limit_bytes: int = 100 * 1024 * 1024
    mail_limit_bytes: int = 40 * 1024 * 1024
    """The size of a mail that comes in, its attachments in base64; all of it is in memory for a moment."""
    stream_limit: int = 20_000
    outgoing_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks that are not public and may be asked all the same, by webhooks and thread actions."""
    outgoing_seconds: float = 10
    """How long they may take for an answer."""
    keep_alive_seconds: float = 20
    activity_seconds: float = 60

    @property
    def database(self) -> Path:
        """The database file."""
        return self.data / "flowdock.sqlite3"

    @property
    def files(self) -> Path | str:
        """The folder of uploaded files, or the address of their bucket."""
        return self.files_url or self.data / "files"

    @property
    def spool(self) -> Path:
        """The folder where uploads wait until they are kept; not the system's, which may be memory."""
        return self.data / "spool"

    def prepare(self) -> None:
        """Make the data folder if need be."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.spool.mkdir(exist_ok=True, mode=0o700)

    def secret(self) -> bytes:
        """The secret of a server with a database of its own, made on first use and readable by its owner only."""
        self.prepare()
        if not self._secret.exists():
            fresh = self._written(secrets.token_bytes(32))
            with suppress(FileExistsError):
                os.link(fresh, self._secret)
            fresh.unlink()
        return self._secret.read_bytes()

    def adopt(self, secret: bytes) -> None:
        """Have the secret of another server, whose site is moved here, in place of any other."""
        self.prepare()
        self._written(secret).replace(self._secret)

    @property
    def _secret(self) -> Path:
        return self.data / "secret"

    def _written(self, secret: bytes) -> Path:
        # Written elsewhere first: who is killed in between must not leave an empty secret behind.
        fresh = self._secret.with_suffix(f".{secrets.token_hex(8)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        return fresh


def default_data(environ: dict[str, str] | os._Environ[str] = os.environ) -> Path:
    """`$FLOWDOCK_DATA`, else `flowdock` where programs of this user keep their data."""
    if environ.get("FLOWDOCK_DATA"):
        return Path(environ["FLOWDOCK_DATA"])
    home = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "flowdock"
