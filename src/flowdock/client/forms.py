"""The ways in which `connect` may be called. Pure.

A wrong mix of keywords is answered with those that are allowed, which Python itself would not do.
"""

from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

Form: TypeAlias = frozenset[str]

TARGETS: tuple[Form, ...] = (frozenset({"org", "flow"}), frozenset({"uid"}), frozenset({"name"}))
"""What a personal token opens."""
SERVICE: Form = frozenset({"flow_token"})
WHERE: Form = frozenset({"api_url", "stream_url", "timeout"})
"""Allowed with every form of `connect`."""

_ORDER = ("token", "org", "flow", "uid", "name", "flow_token", "api_url", "stream_url", "timeout")


def check_connect(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """What the keywords of `connect` open: those of one of `TARGETS`, a flow token, or nothing but the client itself.

    Keywords that are None were not given.

    Raises:
        TypeError: there is no such form.
    """
    given = {key: value for key, value in keywords.items() if value is not None}
    named = given.keys() - WHERE
    if named == SERVICE or named - {"token"} in (frozenset(), *TARGETS):
        return {key: given[key] for key in named - {"token"}}
    raise TypeError(
        "connect() takes token (or FLOWDOCK_TOKEN) alone or with org and flow, with uid, or with name; "
        "or flow_token alone; and with any of these api_url, stream_url and timeout; "
        f"it was given {_listed(given)}"
    )


def check_call(keywords: Mapping[str, Any]) -> None:
    """Let pass what a client may be called with.

    Raises:
        TypeError: there is no such form.
    """
    if keywords.keys() not in TARGETS:
        raise TypeError(f"client() takes org and flow, or uid, or name; it was given {_listed(keywords)}")


def _listed(keywords: Collection[str]) -> str:
    known = [name for name in _ORDER if name in keywords]
    return ", ".join(known + sorted(set(keywords).difference(_ORDER))) or "none"
