# Generated from src/flowdock/client/_async/oauth.py by tools/unasync.py; edit that file instead
"""An application that acts for a person."""

from collections.abc import Iterable, Mapping
from threading import Lock
from typing import TypeVar

from flowdock.client import authorizing, calls, settings, token_stores
from flowdock.client._sync.transport import Transport
from flowdock.client.authorizing import OUT_OF_BAND, Authorization
from flowdock.client.token_stores import Store
from flowdock.protocol.errors import TokenMissing
from flowdock.protocol.resources import AccessToken

Result = TypeVar("Result")


class OAuth:
    """A developer application, and the tokens that a person allowed it.

    Example:
        oauth = OAuth(client_id=ID, client_secret=SECRET, store="tokens.json")
        if oauth.tokens is None:
            asked = oauth.authorize_url(scopes=["flow", "offline_access"])
            code = input(f"Please allow it at {asked.url} and enter the code: ")
            oauth.exchange(code, verifier=asked.verifier)
        flow = flowdock.connect(oauth=oauth, org="acme", flow="main")

    `redirect_uri` is one that was registered; without it the person is shown the code. An application that cannot keep
    a secret has no `client_secret`. What is connected with it refreshes the access token by itself when it has expired,
    if there is a refresh token, which the scope "offline_access" asks for. New tokens are given to `store` before they
    are used: a function, or the path of a file from which they are also read.

    Source: wire facts 2.13.
    """

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str | None = None,
        redirect_uri: str = OUT_OF_BAND,
        api_url: str | None = None,
        store: Store | None = None,
        tokens: AccessToken | None = None,
    ) -> None:
        self.client_id = client_id
        self.redirect_uri = redirect_uri
        self._client_secret = client_secret
        self._where = settings.current({"api_url": api_url})
        self._store = store
        self._tokens = tokens
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.client_id} on {self.api_url}>"

    @property
    def api_url(self) -> str:
        """The server."""
        return self._where.api_url

    @property
    def tokens(self) -> AccessToken | None:
        """The tokens as they are now; None when nobody allowed anything yet."""
        if self._tokens is None:
            self._tokens = token_stores.kept(self._store)
        return self._tokens

    def authorize_url(self, scopes: Iterable[str] | str | None = None, state: str | None = None) -> Authorization:
        """The page to send a person to, as `url`; keep its `state` and `verifier` until they come back.

        `scopes` say what is asked for: "flow", "private", "manage", "profile", "integration", and "offline_access" for
        a refresh token; "flow" and "private" if not given. A `state` that is not given is random.

        Example:
            asked = oauth.authorize_url(scopes=["flow", "offline_access"])
            print("Please allow it at", asked.url)
        """
        return authorizing.authorization(
            self.api_url, client_id=self.client_id, redirect_uri=self.redirect_uri, scopes=scopes, state=state
        )

    def exchange(self, code: str, verifier: str | None = None) -> AccessToken:
        """The tokens for a code; `verifier` is that of the authorization it came from.

        Example:
            oauth.exchange(code, verifier=asked.verifier)

        Raises:
            Invalid: the code is unknown, used or too old, or the verifier is another one.
            Unauthorized: the server does not know the application.
        """
        return self._granted(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self.redirect_uri,
                "code_verifier": verifier,
            }
        )

    def password(self, username: str, password: str, scopes: Iterable[str] | str | None = None) -> AccessToken:
        """The tokens for an e-mail address and a password, which are not kept.

        Example:
            tokens = oauth.password("ray@example.com", PASSWORD, scopes=["flow", "offline_access"])
        """
        return self._granted(
            {
                "grant_type": "password",
                "username": username,
                "password": password,
                "scope": authorizing.scope_of(scopes),
            }
        )

    def refresh(self, scopes: Iterable[str] | str | None = None) -> AccessToken:
        """Other tokens in place of those there are; what is connected with this does it by itself.

        `scopes` may be less than before.

        Example:
            tokens = oauth.refresh(scopes=["flow"])

        Raises:
            TokenMissing: there is no refresh token.
        """
        with self._lock:
            return self._refreshed(scopes)

    def revoke(self) -> None:
        """Give the tokens back: they end, and a file in which they were kept is removed."""
        with self._lock:
            tokens = self.tokens
            if tokens is not None:
                token = tokens.get("refresh_token") or tokens["access_token"]
                self._answer(calls.oauth.revoke({"token": token, **self._named()}))
            self._tokens = None
            token_stores.forget(self._store)

    def access_token(self) -> str:
        """The access token as it is now.

        Raises:
            TokenMissing: nobody allowed anything yet.
        """
        if self.tokens is None:
            raise TokenMissing(
                f"no tokens for {self.client_id} yet; send people to authorize_url(), then exchange() the code"
            )
        return self.tokens["access_token"]

    def renewed(self, refused: str) -> str | None:
        """Another access token than the one that was refused; None when there is no way to one.

        Of several that ask at once, one refreshes it for all.

        Example:
            token = oauth.renewed(oauth.access_token())
        """
        with self._lock:
            # Another program that keeps its tokens in the same file may have been quicker.
            tokens = token_stores.kept(self._store) or self.tokens
            if tokens is not None and tokens["access_token"] != refused:
                self._tokens = tokens
            elif tokens is None or not tokens.get("refresh_token"):
                return None
            else:
                tokens = self._refreshed(None)
            return tokens["access_token"]

    def _refreshed(self, scopes: Iterable[str] | str | None) -> AccessToken:
        token = None if self.tokens is None else self.tokens.get("refresh_token")
        if not token:
            raise TokenMissing("there is no refresh token; ask for the scope offline_access")
        wanted = {
            "grant_type": "refresh_token",
            "refresh_token": token,
            "scope": authorizing.scope_of(scopes),
        }
        return self._granted(wanted)

    def _granted(self, wanted: Mapping[str, str | None]) -> AccessToken:
        tokens = self._answer(calls.oauth.exchange({**wanted, **self._named()}))
        try:
            token_stores.keep(self._store, tokens)
        finally:
            # Where they could not be stored they are at least in `tokens`: there will never be others for the old ones.
            self._tokens = tokens
        return tokens

    def _named(self) -> dict[str, str | None]:
        return {"client_id": self.client_id, "client_secret": self._client_secret}

    def _answer(self, call: calls.Call[Result]) -> Result:
        transport = Transport(self._where)
        try:
            return transport.answer(call)
        finally:
            transport.close()
