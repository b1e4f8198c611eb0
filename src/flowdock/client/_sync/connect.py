# Generated from src/flowdock/client/_async/connect.py by tools/unasync.py; edit that file instead
"""The front door."""

from base64 import b64encode
from typing import Any, Unpack, overload

from flowdock.client import forms, settings
from flowdock.client._sync.client import Client, conversation_of
from flowdock.client._sync.flow import Flow
from flowdock.client._sync.oauth import OAuth
from flowdock.client._sync.people import People
from flowdock.client._sync.private import Private
from flowdock.client._sync.service import Service
from flowdock.client._sync.transport import Transport
from flowdock.client.settings import Options
from flowdock.protocol.errors import TokenMissing


@overload
def connect(
    *,
    token: str | None = None,
    oauth: OAuth | None = None,
    **options: Unpack[Options],
) -> Client: ...


@overload
def connect(
    *,
    token: str | None = None,
    oauth: OAuth | None = None,
    org: str,
    flow: str,
    **options: Unpack[Options],
) -> Flow: ...


@overload
def connect(
    *,
    token: str | None = None,
    oauth: OAuth | None = None,
    uid: int | str,
    **options: Unpack[Options],
) -> Private: ...


@overload
def connect(
    *,
    token: str | None = None,
    oauth: OAuth | None = None,
    name: str,
    **options: Unpack[Options],
) -> Private: ...


@overload
def connect(
    *,
    flow_token: str | None,
    **options: Unpack[Options],
) -> Service: ...


def connect(**keywords: Any) -> Client | Flow | Private | Service:
    """A way to talk to Flowdock. Nothing is sent before it is used; `close()` or `with` ends its connections.

    Example:
        client = flowdock.connect(token=TOKEN)
        flow = flowdock.connect(token=TOKEN, org="acme", flow="main")
        private = flowdock.connect(token=TOKEN, uid=42)
        private = flowdock.connect(token=TOKEN, name="Ray_")
        service = flowdock.connect(flow_token=FLOW_TOKEN)
        flow = flowdock.connect(oauth=oauth, org="acme", flow="main")
        client = flowdock.connect(profile="work")

    Without `token` it is `$FLOWDOCK_TOKEN`, else the one in the profile that `flowdock up` or `flowdock login` wrote.
    Likewise `api_url` and `stream_url`, with `$FLOWDOCK_API_URL` and `$FLOWDOCK_STREAM_URL`, else a server on this
    machine. `flow_token=None` is `$FLOWDOCK_FLOW_TOKEN`, else the one in the profile. In place of a token there may be
    `oauth`, a `flowdock.oauth.OAuth`; without `api_url` its server is the one talked to.

    `timeout` is how many seconds to wait for each answer, 60 if not given, `deadline` how many for a call with all its
    tries, 60 if not given; only with a `deadline` is a call tried again that had no answer in time. `proxy` is the
    address of one, in place of what HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY say; `ca` a file of certificates to
    trust in place of the usual ones. With a `tracer` of OpenTelemetry each call is a span. `profile` is the name of a
    profile, as 'flowdock login --profile' keeps them, or its path; then the environment is not looked at.

    Raises:
        TypeError: any other mix of keywords, or no token; the text says what is allowed.
        BadSetting: an address or the profile cannot be used. It is a `ValueError`.
    """
    target = forms.target_of_connect(keywords)
    oauth: OAuth | None = keywords.get("oauth")
    given = {key: keywords.get(key) for key in ("api_url", "stream_url", "token", "flow_token")}
    if oauth is not None and given["api_url"] is None:
        given["api_url"] = oauth.api_url
    where = settings.current(given, profile_name=keywords.get("profile"))
    wire: dict[str, Any] = {
        "timeouts": settings.timeouts_of(keywords.get("timeout"), keywords.get("deadline")),
        "route": settings.route_of(keywords.get("proxy"), keywords.get("ca")),
        "tracer": keywords.get("tracer"),
    }
    if "flow_token" in target:
        flow_token = _found(where.flow_token, "flow token", where.api_url)
        return Service(Transport(where, **wire), flow_token=flow_token)
    if oauth is not None:
        transport = Transport(where, renewable=oauth, **wire)
    else:
        # The token is the user name, the password stays empty.
        token = _found(where.token, "token", where.api_url)
        authorization = f"Basic {b64encode(f'{token}:'.encode()).decode()}"
        transport = Transport(where, authorization=authorization, **wire)
    if not target:
        return Client(transport)
    return conversation_of(transport, People(transport), target, alone=True)


def _found(token: str | None, kind: str, api_url: str) -> str:
    if token:
        return token
    name = kind.replace(" ", "_")
    login = ", or run 'flowdock login' once" if name == "token" else ""
    raise TokenMissing(f"no {kind} for {api_url}: give {name}=, or set FLOWDOCK_{name.upper()}{login}")
