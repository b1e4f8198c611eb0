# Generated from src/flowdock/client/_async/connect.py by tools/unasync.py; edit that file instead
"""The front door."""

from base64 import b64encode
from typing import Any, overload

from flowdock.client import forms, settings
from flowdock.client._sync.client import Client
from flowdock.client._sync.flow import Flow
from flowdock.client._sync.private import Private
from flowdock.client._sync.service import Service
from flowdock.client._sync.transport import Transport
from flowdock.client.settings import Timeouts
from flowdock.protocol.errors import TokenMissing


@overload
def connect(
    *,
    token: str | None = None,
    api_url: str | None = None,
    stream_url: str | None = None,
    timeout: float | None = None,
) -> Client: ...


@overload
def connect(
    *,
    token: str | None = None,
    org: str,
    flow: str,
    api_url: str | None = None,
    stream_url: str | None = None,
    timeout: float | None = None,
) -> Flow: ...


@overload
def connect(
    *,
    token: str | None = None,
    uid: int | str,
    api_url: str | None = None,
    stream_url: str | None = None,
    timeout: float | None = None,
) -> Private: ...


@overload
def connect(
    *,
    token: str | None = None,
    name: str,
    api_url: str | None = None,
    stream_url: str | None = None,
    timeout: float | None = None,
) -> Private: ...


@overload
def connect(
    *,
    flow_token: str,
    api_url: str | None = None,
    stream_url: str | None = None,
    timeout: float | None = None,
) -> Service: ...


def connect(**keywords: Any) -> Client | Flow | Private | Service:
    """A way to talk to Flowdock. Nothing is sent before it is used; `close()` or `with` ends its connections.

    Example:
        client = flowdock.connect(token=TOKEN)
        flow = flowdock.connect(token=TOKEN, org="acme", flow="main")
        private = flowdock.connect(token=TOKEN, uid=42)
        private = flowdock.connect(token=TOKEN, name="Ray_")
        service = flowdock.connect(flow_token=FLOW_TOKEN)

    Without `token` it is `$FLOWDOCK_TOKEN`, else the one in the profile that `flowdock up` or `flowdock login` wrote.
    Likewise `api_url` and `stream_url`, with `$FLOWDOCK_API_URL` and `$FLOWDOCK_STREAM_URL`, else a server on this
    machine. `timeout` is how many seconds to wait for each answer, 60 if not given.

    Raises:
        TypeError: any other mix of keywords, or no token; the text says what is allowed.
        BadSetting: an address or the profile cannot be used. It is a `ValueError`.
    """
    target = forms.check_connect(keywords)
    timeout = keywords.pop("timeout", None)
    where = settings.current({key: keywords.get(key) for key in ("api_url", "stream_url", "token", "flow_token")})
    timeouts = Timeouts() if timeout is None else Timeouts(connect=min(timeout, 10), answer=timeout, upload=timeout)
    if "flow_token" in target:
        return Service(Transport(where, authorization=None, timeouts=timeouts), **target)
    if not where.token:
        raise TokenMissing(
            f"no token for {where.api_url}: give token=, set FLOWDOCK_TOKEN, or run 'flowdock login' once"
        )
    # The token is the user name, the password stays empty.
    authorization = f"Basic {b64encode(f'{where.token}:'.encode()).decode()}"
    client = Client(Transport(where, authorization=authorization, timeouts=timeouts))
    return client.opened(target, alone=True) if target else client
