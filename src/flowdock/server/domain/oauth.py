"""The rules of OAuth 2.0 that need nothing but the texts themselves: problems, what is asked for, proofs of possession.

Source: RFC 6749, 5.2 and 4.1.2.1; RFC 7636, 4; RFC 9700, 2.1.1 and 4.8.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

from flowdock.protocol.resources import SCOPES, Scope
from flowdock.server.domain import scopes

CODE_SECONDS = 600
"""How long an authorization code is good."""
ACCESS_SECONDS = 8 * 3600
"""How long an access token is good: a working day."""
REPEAT_SECONDS = 30
"""How long a used refresh token may come again, from an application that the answer did not reach."""

_PROOF = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an application gets nothing: the error by its name in OAuth, a sentence for its developer, the status."""

    error: str
    description: str
    status: int = 400


def asked_scopes(text: str, *, otherwise: tuple[Scope, ...] = scopes.DEFAULT) -> tuple[Scope, ...] | Problem:
    """The scopes an application asks for; `otherwise` where it names none."""
    try:
        return scopes.named(text) or otherwise
    except scopes.UnknownScope as unknown:
        return Problem("invalid_scope", f"there is no scope {str(unknown)[:40]!r}; there are {', '.join(SCOPES)}")


def problem_of_challenge(challenge: str, method: str, *, confidential: bool) -> Problem | None:
    """What is wrong with a code challenge, empty where there is none."""
    if not challenge:
        if confidential:
            return None
        return Problem("invalid_request", "this application has no secret: send a code_challenge (PKCE)")
    if method not in ("S256", "plain"):
        return Problem("invalid_request", f"code_challenge_method is {method[:20]!r}; it may be S256 or plain")
    if not _PROOF.fullmatch(challenge):
        return Problem("invalid_request", "code_challenge has to be 43 to 128 letters, digits, or - . _ ~")
    return None


def proves(challenge: str | None, method: str | None, verifier: str) -> bool:
    """Whether whoever brings a code is who asked for it.

    A verifier without a challenge proves nothing, either: somebody took the challenge away on its way.
    """
    if challenge is None:
        return not verifier
    if not _PROOF.fullmatch(verifier):
        return False
    if method == "S256":
        verifier = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    return hmac.compare_digest(challenge, verifier)
