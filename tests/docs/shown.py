"""The examples of public docstrings: which there are, and which there must be."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent
from types import ModuleType
from typing import is_typeddict

import flowdock
from flowdock import actions, bot, constructors, oauth
from tools.site.docstrings import EXAMPLE

PUBLIC = (flowdock, oauth, actions, constructors, bot)
EXPLAINED = ("PlainBot", "PlainMessage", "State")
"""What they can do is what another class can (the first two), or that of a dictionary."""


@dataclass(frozen=True, slots=True)
class Documented:
    """Something public. `wants_example` says whether a reader would otherwise guess how it is used."""

    name: str
    example: str
    wants_example: bool

    @property
    def is_async(self) -> bool:
        """Whether it belongs to the flavour that is awaited."""
        return "._async." in self.name


def everything() -> list[Documented]:
    """All public classes, verbs and functions, each once; verbs are where they are written."""
    found = {one.name: one for module in PUBLIC for one in of(module)}
    return [found[name] for name in sorted(found)]


def of(module: ModuleType) -> Iterator[Documented]:
    """What is public in a module."""
    names = getattr(module, "__all__", None) or [
        name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__
    ]
    for name in names:
        thing = getattr(module, name)
        if inspect.isfunction(thing) and not name.startswith("_"):
            yield _documented(thing, wants_example=True)
        elif inspect.isclass(thing) and not _is_only_read(thing):
            yield _documented(thing, wants_example=name not in EXPLAINED)
            for verb, method in inspect.getmembers(thing, inspect.isfunction):
                if not verb.startswith("_") or verb == "__call__":
                    takes_arguments = len(inspect.signature(method).parameters) > 1
                    yield _documented(method, wants_example=takes_arguments and name not in EXPLAINED)


def _is_only_read(kind: type) -> bool:
    """Whether nobody makes one: its members explain themselves, and errors are caught as their reference shows."""
    return issubclass(kind, BaseException) or is_typeddict(kind) or getattr(kind, "_is_protocol", False)


def _documented(thing: object, *, wants_example: bool) -> Documented:
    example = EXAMPLE.search(inspect.getdoc(thing) or "")
    name = f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', '')}"
    return Documented(name, dedent(example["text"]).strip() if example else "", wants_example)
