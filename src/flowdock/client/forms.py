"""The ways in which `connect` and a client may be called. Pure.

A wrong mix of keywords is answered with those that are allowed, which Python itself would not do.
"""

from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

Form: TypeAlias = frozenset[str]

TARGETS: tuple[Form, ...] = (frozenset({"org", "flow"}), frozenset({"uid"}), frozenset({"name"}))
"""What a personal token opens."""
SERVICE: Form = frozenset({"flow_token"})
CREDENTIALS = ("token", "oauth", "flow_token")
"""Of these one is given at most."""
WHERE: Form = frozenset({"api_url", "stream_url", "timeout", "deadline", "proxy", "ca", "tracer", "profile"})
"""Allowed with every form of `connect`."""

_FINDABLE = WHERE | {"token", "flow_token"}
"""What may be None, because the environment or the profile can say it."""
_ORDER = (
    "token",
    "oauth",
    "org",
    "flow",
    "uid",
    "name",
    "flow_token",
    "api_url",
    "stream_url",
    "timeout",
    "deadline",
    "proxy",
    "ca",
    "tracer",
    "profile",
)


def target_of_connect(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """What `connect` shall open: the keywords of one of `TARGETS` or of `SERVICE`, or none for the client itself.

    Raises:
        TypeError: there is no such form.
    """
    named = keywords.keys() - WHERE
    # `token=None` beside other credentials was not given; alone it means: the one that is found.
    given = {name for name in CREDENTIALS if keywords.get(name) is not None or name in named & SERVICE}
    target = named - {"token", "oauth"}
    if len(given) <= 1 and (target in (frozenset(), *TARGETS) if "flow_token" not in given else target == SERVICE):
        return _without_holes({name: keywords[name] for name in target})
    raise TypeError(
        "connect() takes token (or FLOWDOCK_TOKEN) or oauth, alone or with org and flow, with uid, or with name; "
        "or flow_token alone; and with any of these api_url, stream_url, timeout, deadline, proxy, ca, tracer "
        "and profile; "
        f"it was given {_listed(keywords)}"
    )


def target_of_call(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """What a client shall open: the keywords of one of `TARGETS`.

    Raises:
        TypeError: there is no such form.
    """
    if keywords.keys() not in TARGETS:
        raise TypeError(f"client() takes org and flow, or uid, or name; it was given {_listed(keywords)}")
    return _without_holes(keywords)


def _without_holes(keywords: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in keywords.items():
        if value is None and name not in _FINDABLE:
            raise TypeError(f"{name} is None; give a value")
    return dict(keywords)


def _listed(keywords: Collection[str]) -> str:
    known = [name for name in _ORDER if name in keywords]
    return ", ".join(known + sorted(set(keywords).difference(_ORDER))) or "none"
