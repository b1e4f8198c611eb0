"""How a person is asked to allow an application something. Pure, but for chance.

Source: RFC 6749, 4.1.1; RFC 7636; wire facts 2.13.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""Instead of an address: the code is shown to the person, who copies it."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """Where to send a person, and what to keep until they come back.

    They come back to the redirect address with a `state`, which has to be this one, and the `code` to exchange, for
    which the `verifier` is needed again.

    Example:
        asked = oauth.authorize_url(scopes=["flow"])
        session["state"], session["verifier"] = asked.state, asked.verifier
        print("Please allow it at", asked.url)
    """

    url: str
    state: str
    verifier: str = field(repr=False)


def authorization(
    api_url: str, *, client_id: str, redirect_uri: str, scopes: Iterable[str] | str | None, state: str | None
) -> Authorization:
    """The page on which a person allows an application something; by its verifier nobody else can use the code."""
    state, verifier = state or secrets.token_urlsafe(16), secrets.token_urlsafe(32)
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": scope_of(scopes),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    return Authorization(f"{api_url}/oauth/authorize?{query}", state, verifier)


def scope_of(scopes: Iterable[str] | str | None) -> str | None:
    """Scopes as a request names them, with blanks between; None where the server shall choose."""
    if scopes is None:
        return None
    return scopes.replace(",", " ") if isinstance(scopes, str) else " ".join(scopes)
