"""Names with brackets, as Rails reads them, turned into groups and lists.

    author[name]=Ray                      {"author": {"name": "Ray"}}
    tags[]=a, tags[]=b                    {"tags": ["a", "b"]}
    thread[fields][][label]=x             {"thread": {"fields": [{"label": "x"}]}}
    thread[fields][0][label]=x            the same, with the order in the names

A repeated name without brackets keeps its last value. A name whose brackets do not match is taken as it is.

Source: wire facts 1.3.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from flowdock.server.domain.refusals import Refusal
from flowdock.server.files import Upload
from flowdock.server.http.limits import NESTING

Value: TypeAlias = str | Upload

_BRACKETED = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
_POSITION = re.compile(r"[0-9]{1,9}")


def nest(pairs: Iterable[tuple[str, Value]]) -> dict[str, object]:
    """The parameters that these names and values, in the order sent, mean.

    Raises:
        Refusal: 400 when a name is used as a text and as a group, or is nested beyond reason.
    """
    parameters: dict[str, object] = {}
    nested = False
    for name, value in pairs:
        if "[" not in name:
            if name:
                parameters[name] = value
        elif found := _BRACKETED.fullmatch(name):
            nested = True
            _put(parameters, found[1], _steps(found[2], name), value)
        else:
            parameters[name] = value
    return {name: _in_order(value) for name, value in parameters.items()} if nested else parameters


def _steps(brackets: str, name: str) -> list[str]:
    steps = brackets[1:-1].split("][")
    if len(steps) > NESTING:
        raise Refusal(400, f"parameter {name[:40]!r}… is nested {len(steps)} levels deep; {NESTING} are allowed")
    return steps


def _put(group: dict[str, object], name: str, steps: Sequence[str], value: Value) -> None:
    if not steps:
        group[name] = value
    elif steps[0]:
        inner = group.setdefault(name, {})
        if not isinstance(inner, dict):
            raise _mixed(name)
        _put(inner, steps[0], steps[1:], value)
    else:
        items = group.setdefault(name, [])
        if not isinstance(items, list):
            raise _mixed(name)
        _append(items, steps[1:], value)


def _append(items: list[object], steps: Sequence[str], value: Value) -> None:
    if not steps:
        items.append(value)
        return
    if not steps[0]:
        inner: list[object] = []
        items.append(inner)
        _append(inner, steps[1:], value)
        return
    last = items[-1] if items else None
    if not isinstance(last, dict) or _has(last, steps):
        last = {}
        items.append(last)
    _put(last, steps[0], steps[1:], value)


def _has(group: dict[str, object], steps: Sequence[str]) -> bool:
    """Whether this place is taken, so that the next element begins; a list within always takes more."""
    found: object = group
    for step in steps:
        if not step or not isinstance(found, dict) or step not in found:
            return False
        found = found[step]
    return True


def _in_order(value: object) -> object:
    """The value with groups named 0, 1, 2 … as lists; those of files stay, because their names are ids."""
    if isinstance(value, list):
        return [_in_order(item) for item in value]
    if not isinstance(value, dict):
        return value
    group = {name: _in_order(item) for name, item in value.items()}
    if any(isinstance(item, Upload) or not _POSITION.fullmatch(name) for name, item in group.items()):
        return group
    return [group[name] for name in sorted(group, key=int)]


def _mixed(name: str) -> Refusal:
    return Refusal(400, f"parameter {name[:40]!r} is sent in two forms that do not go together; send it in one")
