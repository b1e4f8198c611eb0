"""The client does take what the reference says it takes."""

import ast
import inspect
from typing import Any

import pytest

import flowdock
from flowdock.protocol import endpoints
from flowdock.protocol.snippets import PYTHON

STARTS = {
    "client": flowdock.Client,
    "flow": flowdock.Flow,
    "private": flowdock.Private,
    "service": flowdock.Service,
}


@pytest.mark.parametrize("name", PYTHON)
def test_a_snippet_is_a_call_that_the_client_has(name: str) -> None:
    assert name in {row.name for row in endpoints.ALL}
    assert bound(ast.parse(PYTHON[name], mode="eval").body) is not None


def bound(node: ast.expr) -> Any:
    """The class of what an expression of a snippet gives, once its calls were found to fit."""
    if isinstance(node, ast.Name):
        return STARTS[node.id]
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Attribute)
    verb = getattr(bound(node.func.value), node.func.attr)
    positional = [ast.literal_eval(one) for one in node.args]
    keywords = {str(one.arg): ast.literal_eval(one.value) for one in node.keywords}
    inspect.signature(verb).bind(None, *positional, **keywords)
    return flowdock.Thread if node.func.attr == "thread" else verb
