"""A `Call`, and what the calls of all nouns are made with. Members that were not given are left out."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from flowdock.client.attachments import Attachment
from flowdock.protocol import endpoints
from flowdock.protocol.endpoints import Endpoint

Result_co = TypeVar("Result_co", covariant=True)

HARMLESS = frozenset(
    {endpoints.REACT, endpoints.REACT_PRIVATELY, endpoints.ADD_FLOW_USER, endpoints.ACCEPT_INVITATION, endpoints.REVOKE}
)
"""The rows of POSTs that change nothing when they come again."""
POSTED = frozenset({200, 201})
"""A message was stored, or, where it came a second time, had been stored before."""


def _content(body: bytes) -> Any:
    return json.loads(body)


def nothing(_body: bytes) -> None:
    """The answer to what has no result, whatever the server says there."""
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Result_co]):
    """What to send, and how to read the answer. It has `json`, or a `form` that may have `files`, or none."""

    endpoint: Endpoint[Any]
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, object] | None = field(default=None, repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, Path | Attachment] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    accepted: frozenset[int]
    """The statuses that mean: done."""
    read: Callable[[bytes], Result_co] = _content

    @property
    def request(self) -> str:
        """What is asked, for people: `GET /flows/acme/main/messages`."""
        return f"{self.endpoint.method} {self.path}"

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does the same as sending it once: by its `uuid` the server knows a message again."""
        is_whisper = self.json is not None and self.json.get("event") == "typing"
        is_named = "uuid" in (self.json or self.form)
        return self.endpoint.method != "POST" or is_named or is_whisper or self.endpoint in HARMLESS

    def is_done(self, status: int, *, again: bool) -> bool:
        """Whether an answer of this status means success; `again` when the call was sent before."""
        # What a repeated deletion does not find was deleted by the first, whose answer was lost.
        return status in self.accepted or (again and self.endpoint.method == "DELETE" and status == 404)


def call(
    row: Endpoint[Result_co],
    values: Mapping[str, object] | None = None,
    *,
    accepted: frozenset[int] | None = None,
    **rest: Any,
) -> Call[Result_co]:
    """The call of a row, whose placeholders have these values.

    Raises:
        ValueError: a value would change the address.
    """
    values = values or {}
    for name in row.placeholders:
        if str(values[name]) in {"", ".", ".."}:
            raise ValueError(f"{name} is {values[name]!r}, which cannot be part of an address")
    return Call(
        endpoint=row,
        path=row.url(**values),
        accepted=accepted or frozenset({row.status}),
        **({"read": _content} | rest),
    )


def order(
    row: Endpoint[None], values: Mapping[str, object] | None = None, *, json: Mapping[str, object] | None = None
) -> Call[None]:
    """The call of a row without a result."""
    return call(row, values, json=json, accepted=frozenset({200, 201, 204}), read=nothing)


def query_of(row: Endpoint[Any], conditions: Mapping[str, object]) -> dict[str, str]:
    """The conditions as a query.

    Raises:
        TypeError: there is no such condition; the text names those there are.
    """
    supported = row.parameters.__annotations__
    if unknown := [name for name in conditions if name not in supported]:
        raise TypeError(f"there is no condition {', '.join(unknown)}; the supported ones are {', '.join(supported)}")
    return {name: text_of(value) for name, value in conditions.items() if value is not None}


def changes_of(row: Endpoint[Any], verb: str, changes: Mapping[str, object]) -> dict[str, object]:
    """The changes as members of JSON; one that is None is left as it was.

    Raises:
        TypeError: there is no such change, or none was given; the text names those there are.
    """
    # Names that begin with a capital are those that one old client writes.
    supported = [name for name in row.parameters.__annotations__ if name.islower()]
    if unknown := [name for name in changes if name not in supported]:
        raise TypeError(f"{verb}() knows no {', '.join(unknown)}; it takes {', '.join(supported)}")
    wanted = given(changes)
    if not wanted:
        raise TypeError(f"{verb}() needs something to change; it takes {', '.join(supported)}")
    return wanted


def text_of(value: object) -> str:
    """The value as it stands in a query: lists as their members with commas between."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ",".join(str(member) for member in value)
    return str(value)


def listed(members: Iterable[str] | str | None) -> "list[str] | str | None":
    """Several texts as they stand in JSON: an array, or the one text with commas that was given."""
    return members if members is None or isinstance(members, str) else list(members)


def given(members: Mapping[str, object]) -> dict[str, object]:
    """The members that are not None."""
    return {key: value for key, value in members.items() if value is not None}


def bracketed(members: Mapping[str, object]) -> dict[str, str]:
    """Nested members as the fields of a form: `author[name]`, `thread[fields][0][label]`."""
    fields: dict[str, str] = {}
    for name, value in given(members).items():
        for steps, text in _leaves(value):
            fields[name + "".join(f"[{step}]" for step in steps)] = text
    return fields


def _leaves(value: object) -> Iterable[tuple[tuple[str, ...], str]]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        yield (), text_of(value)
        return
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
    for name, inner in pairs:
        for steps, text in _leaves(inner) if inner is not None else ():
            yield (str(name), *steps), text
