"""Secrets of others that this server has to know again: sealed, so that the database alone does not tell them.

Source: RFC 7516 (JSON Web Encryption), the key shared directly.
"""

from typing import TYPE_CHECKING

from flowdock.server.records import Site

if TYPE_CHECKING:
    from joserfc.jwk import OctKey

# `joserfc` is imported where it is used: with all it stands on it takes a sixth of the memory of an idle server.

_HEADER = {"alg": "dir", "enc": "A256GCM"}


def sealed(site: Site, secret: str) -> bytes:
    """What may be stored of a secret."""
    from joserfc import jwe  # noqa: PLC0415

    return jwe.encrypt_compact(_HEADER, secret.encode(), _key(site)).encode()


def opened(site: Site, sealed: bytes) -> str | None:
    """The secret; None where another site sealed it, as when the site's own secret was lost."""
    from joserfc import jwe  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415

    try:
        return (jwe.decrypt_compact(sealed.decode(), _key(site)).plaintext or b"").decode()
    except (JoseError, ValueError):
        return None


def _key(site: Site) -> "OctKey":
    from joserfc.jwk import OctKey  # noqa: PLC0415

    return OctKey.import_key(site.sealing_key)
