"""Short-lived addresses: who holds one may fetch one file for some minutes, without any other credential.

    /download/<expiry>/<signature>/<log>/<key>/<name>          the file
    /download/<expiry>/<signature>/<log>/<key>/thumb/<name>    its thumbnail

The signature covers the expiry, the log, the key and whether it is the thumbnail. The name is for people only: it may
arrive in any spelling, because HTTP libraries disagree about which characters they escape.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from urllib.parse import quote

WINDOW_SECONDS = 300
"""An address works for one to two windows: within one it stays the same, so that browsers can cache pictures."""

_FILE_PATH = re.compile(r"/*files/([0-9]{1,18})/([A-Za-z0-9_-]{22})(?:/(thumb)(?=/))?(?:/([^/]*))?")
_DOWNLOAD_PATH = re.compile(r"/*download/([0-9]{1,18})/([A-Za-z0-9_-]{43})/(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Address:
    """Which file, or which thumbnail."""

    log: int
    key: str
    thumb: bool
    name: str

    @property
    def path(self) -> str:
        """The path as file messages have it: the name raw, with its blanks."""
        return f"/files/{self.log}/{self.key}/{'thumb/' if self.thumb else ''}{self.name}"


def parse(path: str) -> Address | None:
    """The file that a path such as `/files/7/AbCdEfGhIjKlMnOpQrStUv/plan b.png` means; `None` when it means none.

    Slashes at the front may be doubled. The name may be cut or missing: a client that does not escape `#` cannot send
    what comes after it, and the key says enough.
    """
    found = _FILE_PATH.fullmatch(path)
    return Address(int(found[1]), found[2], found[3] is not None, found[4] or "") if found else None


def sign(address: Address, *, secret: bytes, now: float) -> str:
    """The relative address under which the file can be fetched for 5 to 10 minutes from `now` (seconds since 1970)."""
    expiry = (int(now) // WINDOW_SECONDS + 2) * WINDOW_SECONDS
    rest = quote(address.path.removeprefix("/files/"), safe="/", errors="replace")
    return f"/download/{expiry}/{_signature(address, expiry=expiry, secret=secret)}/{rest}"


def verify(path: str, *, secret: bytes, now: float) -> tuple[Address, int] | None:
    """The file that a signed address means and the second it expires; `None` when it is forged or expired."""
    found = _DOWNLOAD_PATH.fullmatch(path)
    address = parse(f"/files/{found[3]}") if found else None
    if found is None or address is None:
        return None
    expiry = int(found[1])
    genuine = hmac.compare_digest(_signature(address, expiry=expiry, secret=secret), found[2])
    return (address, expiry) if genuine and now < expiry else None


def _signature(address: Address, *, expiry: int, secret: bytes) -> str:
    # The first line keeps this apart from whatever else the same secret signs.
    signed = f"flowdock file download\n{expiry}\n{address.log}\n{address.key}\n{address.thumb}"
    return urlsafe_b64encode(hmac.digest(secret, signed.encode(), "sha256")).decode().rstrip("=")
