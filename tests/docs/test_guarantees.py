"""What the page on guarantees says of each call is what the client does."""

import re
from typing import Any

import pytest

from flowdock.client.calls.call import HARMLESS, Call
from flowdock.protocol import endpoints
from flowdock.protocol.endpoints import Endpoint
from tests.docs.story import ROOT

PAGE = (ROOT / "docs/explanation/delivery-guarantees.md").read_text(encoding="utf-8")
MAY, MAY_NOT = PAGE.partition("What may be repeated:")[2].split("What may not, because", 1)
VERBS = {
    "SEND": "send",
    "SEND_TO_FLOW": "send",
    "SEND_TO_THREAD": "send",
    "SEND_PRIVATELY": "send",
    "COMMENT": "comment",
    "COMMENT_ON": "comment",
    "PRESENT": "present",
    "UPLOAD_TO_FLOW": "upload",
    "REACT_PRIVATELY": "react",
    "ADD_FLOW_USER": "add_user",
    "REPLAY_DELIVERY": "replay",
}
"""The verbs of rows that are not called as they are."""
NOT_CALLED = ("PUSH_", "SCIM_", "TOKEN", "REVOKE")
"""The rows that other software calls."""
NAMED = {
    "SEND",
    "SEND_TO_FLOW",
    "SEND_TO_THREAD",
    "SEND_PRIVATELY",
    "COMMENT",
    "COMMENT_ON",
    "PRESENT",
    "UPLOAD_TO_FLOW",
}
"""The rows whose calls carry a uuid."""


def rows() -> list[tuple[str, Endpoint[Any]]]:
    found = [(name, row) for name, row in vars(endpoints).items() if isinstance(row, Endpoint) and row.method == "POST"]
    return [(name, row) for name, row in found if not name.startswith(NOT_CALLED)]


@pytest.mark.parametrize("name,row", rows())
def test_the_page_says_whether_a_call_is_repeated(name: str, row: Endpoint[Any]) -> None:
    verb = VERBS.get(name, name.lower())
    members = {"uuid": "x"} if name in NAMED else {}
    call: Call[Any] = Call(endpoint=row, path="/", json=members, accepted=frozenset())

    told = {kind for kind, words in (("may", MAY), ("may not", MAY_NOT)) if re.search(rf"`{verb}`", words)}

    assert told == {"may" if call.repeatable else "may not"}
    assert (row in HARMLESS) == (call.repeatable and name not in NAMED)


def test_what_is_no_post_may_be_repeated() -> None:
    assert "every `GET`, `PUT` and `DELETE`" in MAY
