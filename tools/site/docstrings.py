"""Docstrings as the site shows them: an example is Python, and where a fact comes from is for who reads the code."""

import re
from typing import Any

import griffe

EXAMPLE = re.compile(r"(?m)^Example:\n(?P<text>(?:[ ]{4}.*\n?|\n)+)")
_SOURCE = re.compile(r"(?ms)^Source: .*?(?:\n\n|\Z)")


class Docstrings(griffe.Extension):
    """Mkdocstrings asks for it by the name of this file."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Look at the docstring of one object."""
        if obj.docstring is not None:
            obj.docstring.value = shown(obj.docstring.value)


def shown(docstring: str) -> str:
    """The docstring with its examples as blocks of Python, and without its sources."""
    return EXAMPLE.sub(_as_block, _SOURCE.sub("", docstring)).strip()


def _as_block(found: re.Match[str]) -> str:
    """The lines stay where they are, so that their section still has them."""
    return f"Example:\n    ```python\n{found['text'].rstrip()}\n    ```\n\n"
