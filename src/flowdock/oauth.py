"""OAuth: how an application asks a person for tokens, and keeps them good.

    from flowdock.oauth import OAuth

    oauth = OAuth(client_id=ID, client_secret=SECRET, redirect_uri="https://app.example/back", store="tokens.json")
    asked = oauth.authorize_url(scopes=["flow", "offline_access"])
    ...  # send the person to asked.url; they come back with the same state and a code
    oauth.exchange(code, verifier=asked.verifier)
    flow = flowdock.connect(oauth=oauth, org="acme", flow="main")

`AsyncOAuth` has the same verbs, awaited.
"""

from flowdock.client._async.oauth import AsyncOAuth
from flowdock.client._sync.oauth import OAuth
from flowdock.client.authorizing import OUT_OF_BAND, Authorization

__all__ = ["OUT_OF_BAND", "AsyncOAuth", "Authorization", "OAuth"]
