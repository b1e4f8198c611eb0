"""Docstrings as the site shows them: an example is Python, and where a fact comes from is for who reads the code."""

import re
from typing import Any

import griffe

EXAMPLE = re.compile(r"(?m)^Example:\n(?P<text>(?:[ ]{4}.*\n?|\n)+)")
_SOURCE = re.compile(r"(?ms)^Source: .*?(?:\n\n|\Z)")


WIRE = frozenset({"flowdock.protocol.types", "flowdock.protocol.resources"})
"""All classes there are typed dictionaries."""


class Docstrings(griffe.Extension):
    """Mkdocstrings asks for it by the name of this file."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Look at the docstring of one object."""
        if obj.docstring is not None:
            obj.docstring.value = shown(obj.docstring.value)

    def on_class(self, *, cls: griffe.Class, **_: Any) -> None:
        """Look at one class: a typed dictionary is shown as a table of its members."""
        if cls.module.path in WIRE and cls.docstring is not None:
            cls.docstring.value = f"{cls.docstring.value}\n\n{table(cls)}"
            for name in list(cls.members):
                del cls.members[name]


def table(cls: griffe.Class) -> str:
    """The members of a typed dictionary and what they are; those that need not be there say so."""
    parents = [str(base) for base in cls.bases if str(base) != "TypedDict"]
    rows = ["| member | |", "| --- | --- |", *(f"| all of | `{name}` |" for name in parents)]
    for name, member in cls.attributes.items():
        kind = str(member.annotation)
        optional = re.fullmatch(r"NotRequired\[(.+)\]", kind)
        rows.append(f"| `{name}` | `{optional[1]}`, or not there |" if optional else f"| `{name}` | `{kind}` |")
    return "\n".join(rows)


def shown(docstring: str) -> str:
    """The docstring with its examples as blocks of Python, and without its sources."""
    return EXAMPLE.sub(_as_block, _SOURCE.sub("", docstring)).strip()


def _as_block(found: re.Match[str]) -> str:
    """The lines stay where they are, so that their section still has them."""
    return f"Example:\n    ```python\n{found['text'].rstrip()}\n    ```\n\n"
