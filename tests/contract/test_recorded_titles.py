"""What the service called a thread that began with this text or file, case by case."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.contract.flows import NewFlow
from tests.contract.plain import Caller
from tests.contract.recorded import recorded


@pytest.mark.parametrize("case", recorded("authored/thread-title-cases.json")["cases"], ids=lambda case: case["title"])
def test_a_thread_is_called_as_recorded(alice: Caller, new_flow: NewFlow, case: Mapping[str, Any]) -> None:
    path = f"{new_flow.path}/messages"

    if case.get("event") == "file":
        message = alice.post_file(path, case["file_name"], b"content").json
    else:
        message = alice.post(path, event="message", content=case["content"]).json
        assert message["content"] == case["content"]

    assert message["thread"]["title"] == case["title"]


def test_an_edit_of_the_first_message_leaves_the_title(alice: Caller, new_flow: NewFlow) -> None:
    path = f"{new_flow.path}/messages"
    message = alice.post(path, event="message", content="lunch?").json

    alice.put(f"{path}/{message['id']}", content="dinner?")

    assert alice.get(f"{new_flow.path}/threads/{message['thread_id']}").json["title"] == "lunch?"
