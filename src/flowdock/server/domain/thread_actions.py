"""Actions of a thread: what an integration offers to do, and what people see of it.

    ViewAction      opens a page                 shown as given
    UpdateAction    has the integration do it    shown with an address of ours in place of the integration's own
    anything else                                kept, and not shown

Source: wire facts 7.1.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowdock.server.domain.links import harmless
from flowdock.server.domain.refusals import Refusal, invalid

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
DEFAULT_METHOD = "POST"
URL_LIMIT = 2048

_FIELD = "thread.actions"
_OPENED = re.compile(r"(?:https?://|mailto:)[^\s\"<>]+", re.IGNORECASE)
_ASKED = re.compile(r"https?://[^\s\"<>]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """Where an UpdateAction is carried out, and by which method."""

    url: str
    method: str


def checked(entry: object) -> Mapping[str, Any]:
    """The action, if a thread may have it."""
    if not isinstance(entry, dict) or not isinstance(entry.get("@type"), str):
        raise invalid(_FIELD, "hold something that is not an object with an @type")
    if isinstance(image := entry.get("image"), str):
        harmless(image, field=_FIELD)
    if entry["@type"] == "ViewAction" and "url" in entry:
        _check_url(entry["url"], _OPENED, "a ViewAction whose url is", "http, https or mailto")
    if entry["@type"] == "UpdateAction":
        target = entry.get("target")
        if not isinstance(target, dict):
            raise invalid(_FIELD, "hold an UpdateAction without a target, an object with urlTemplate and httpMethod")
        _check_url(target.get("urlTemplate"), _ASKED, "an UpdateAction whose target.urlTemplate is", "http or https")
        method = target.get("httpMethod", DEFAULT_METHOD)
        if not isinstance(method, str) or method.upper() not in METHODS:
            raise invalid(_FIELD, f"hold an UpdateAction whose httpMethod is {method!r}; use {', '.join(METHODS)}")
    return entry


def target_of(action: object) -> Target | None:
    """Where an action is carried out; None for one that only opens a page, or that nobody understands."""
    if not isinstance(action, Mapping) or action.get("@type") != "UpdateAction" or not _is_acceptable(action):
        return None
    target = action["target"]
    return Target(target["urlTemplate"], target.get("httpMethod", DEFAULT_METHOD).upper())


def shown(actions: Sequence[object], address: Callable[[object], str | None]) -> list[object]:
    """The actions as people see them; `address` gives our own for one that the integration carries out, if any.

    What an older version stored without looking at it is not shown either when it is not as it should be.
    """
    found: list[object] = []
    for action in actions:
        if not isinstance(action, Mapping):
            continue
        if action.get("@type") == "ViewAction" and _is_acceptable(action):
            found.append(action)
        elif target_of(action) is not None and (url := address(action)) is not None:
            found.append({**action, "target": {**action["target"], "urlTemplate": url}})
    return found


def _is_acceptable(action: object) -> bool:
    try:
        checked(action)
    except Refusal:
        return False
    return True


def _check_url(url: object, pattern: re.Pattern[str], subject: str, wanted: str) -> None:
    if not isinstance(url, str) or len(url) > URL_LIMIT or not url.isprintable() or not pattern.fullmatch(url):
        told = repr(url[:80] if isinstance(url, str) else url)
        raise invalid(_FIELD, f"hold {subject} {told}; it is an address by {wanted}, of at most {URL_LIMIT} characters")
