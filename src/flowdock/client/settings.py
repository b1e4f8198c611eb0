"""Where a client talks to and as whom: arguments, then the environment, then the profile, then the default.

A profile belongs to one server. Its tokens, its flow and its stream address are used for that server alone, so that
`connect(api_url=…)` never shows them to another. Likewise the two addresses in the environment belong together.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os import PathLike, fspath
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

from flowdock.client import profile
from flowdock.client.tracing import Tracer
from flowdock.protocol.errors import BadSetting

DEFAULT_API_URL = "http://127.0.0.1:3569"
"""F-L-O-W on a telephone."""

CONNECT_SECONDS = 10.0

ENVIRONMENT: Mapping[str, str] = {
    "api_url": "FLOWDOCK_API_URL",
    "stream_url": "FLOWDOCK_STREAM_URL",
    "token": "FLOWDOCK_TOKEN",
    "flow_token": "FLOWDOCK_FLOW_TOKEN",
}
"""The variable of each setting that has one; the two addresses have the names that older software uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A server, and what is known of the caller. Addresses have no slash at the end."""

    api_url: str = DEFAULT_API_URL
    stream_url: str = f"{DEFAULT_API_URL}/stream"
    org: str | None = None
    flow: str | None = None
    token: str | None = field(default=None, repr=False)
    flow_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds."""

    connect: float = CONNECT_SECONDS
    answer: float = 60.0
    upload: float = 600.0
    """For the answer to an upload, once all of it was sent: storing a large file takes the server a while."""
    deadline: float | None = 60.0
    """For one call with all its tries; of an upload each try has its own time instead."""
    outlasts_silence: bool = False
    """Whether a call to a server that says nothing is tried again within the deadline."""


class Options(TypedDict, total=False):
    """What `connect` takes beside whom and what to talk to; None is as if it was not given."""

    api_url: str | None
    stream_url: str | None
    timeout: float | None
    deadline: float | None
    proxy: str | None
    ca: str | PathLike[str] | None
    tracer: Tracer | None
    profile: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How to reach the server."""

    proxy: str | None = field(default=None, repr=False)
    """An address such as `http://user:password@proxy.example.com:3128`; else what the environment says."""
    ca: str | None = None
    """A file of certificates to trust in place of the usual ones."""


def timeouts_of(seconds: float | None, deadline: float | None = None) -> Timeouts:
    """The waits that follow from a caller's `timeout` and `deadline`; those by default where they are None."""
    waits = Timeouts() if seconds is None else Timeouts(min(seconds, CONNECT_SECONDS), seconds, seconds)
    if deadline is not None:
        return replace(waits, deadline=deadline, outlasts_silence=True)
    return waits if seconds is None else replace(waits, deadline=max(seconds, Timeouts().deadline or 0.0))


def route_of(proxy: str | None, ca: str | PathLike[str] | None) -> Route:
    """How to reach the server, as its caller says.

    Raises:
        BadSetting: the proxy is no address, or there is no such file.
    """
    if proxy is not None:
        _checked_proxy(proxy)
    if ca is not None and not Path(ca).is_file():
        raise BadSetting(f"ca is {fspath(ca)!r}, and there is no such file of certificates")
    return Route(proxy=proxy, ca=None if ca is None else fspath(ca))


def _checked_proxy(proxy: str) -> None:
    try:
        parts = urlsplit(proxy)
        usable = parts.scheme in {"http", "https", "socks5", "socks5h"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        # The value stays unsaid: a password may stand in it.
        raise BadSetting("proxy is not an address such as http://proxy.example.com:3128")


def current(arguments: Mapping[str, str | None], *, profile_name: str | None = None) -> Settings:
    """The settings of this process: `arguments` over its environment over the profile.

    A profile that is named is an argument as well: then the environment is not looked at.

    Raises:
        BadSetting: an address is not one, or there is no such profile.
    """
    stored = profile.stored(os.environ, profile_name)
    return resolve(arguments, os.environ if profile_name is None else {}, stored)


def resolve(arguments: Mapping[str, str | None], environ: Mapping[str, str], stored: Mapping[str, str]) -> Settings:
    """The settings that follow from the given ones, from environment variables and from a profile.

    An argument that is None was not given; an empty variable is not set.

    Raises:
        BadSetting: an address is not one; the text says where it came from.
    """
    given = {key: value for key, value in arguments.items() if value is not None}
    named = {key: environ[variable] for key, variable in ENVIRONMENT.items() if environ.get(variable)}
    api_url = _api_url(given, named, stored)
    if _plain(stored.get("api_url", DEFAULT_API_URL)) != api_url:
        stored = {}
    if _plain(named.get("api_url", api_url)) != api_url:
        named.pop("stream_url", None)
    return Settings(
        api_url=api_url,
        stream_url=_stream_url(given, named, stored) or f"{api_url}/stream",
        **{key: {**stored, **named, **given}.get(key) for key in ("org", "flow", "token", "flow_token")},
    )


def _api_url(given: Mapping[str, str], named: Mapping[str, str], stored: Mapping[str, str]) -> str:
    if value := given.get("api_url"):
        return _address(value, origin="the argument api_url")
    if value := named.get("api_url"):
        return _address(value, origin=ENVIRONMENT["api_url"])
    return _address(stored.get("api_url", DEFAULT_API_URL), origin="api_url in the profile")


def _stream_url(given: Mapping[str, str], named: Mapping[str, str], stored: Mapping[str, str]) -> str | None:
    places = (
        (given, "the argument stream_url"),
        (named, ENVIRONMENT["stream_url"]),
        (stored, "stream_url in the profile"),
    )
    found = next(((values["stream_url"], origin) for values, origin in places if values.get("stream_url")), None)
    # Older software writes the address with `/flows` at its end.
    return found and _address(found[0], origin=found[1]).removesuffix("/flows")


def _address(value: str, *, origin: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    else:
        if parts.username is not None:
            # The value stays unsaid: what stands there may be a token.
            raise BadSetting(f"{origin} contains credentials; give them as token= or in FLOWDOCK_TOKEN instead")
        usable = usable and not parts.query and not parts.fragment
    if not usable:
        raise BadSetting(f"{origin} is {value!r}, which is not an address such as https://flowdock.example.com")
    return _plain(value)


def _plain(address: str) -> str:
    return address.strip().rstrip("/")
