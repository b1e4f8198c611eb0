"""Secrets of others that this server has to know again: sealed, so that the database alone does not tell them.

Source: RFC 7516 (JSON Web Encryption), the key shared directly.
"""

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from flowdock.server.records import Site

_HEADER = {"alg": "dir", "enc": "A256GCM"}


def sealed(site: Site, secret: str) -> bytes:
    """What may be stored of a secret."""
    return jwe.encrypt_compact(_HEADER, secret.encode(), _key(site)).encode()


def opened(site: Site, sealed: bytes) -> str | None:
    """The secret; None where another site sealed it, as when the site's own secret was lost."""
    try:
        return (jwe.decrypt_compact(sealed.decode(), _key(site)).plaintext or b"").decode()
    except (JoseError, ValueError):
        return None


def _key(site: Site) -> OctKey:
    return OctKey.import_key(site.sealing_key)
