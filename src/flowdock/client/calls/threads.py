"""Threads of a flow.

Source: wire facts 2.4 and 7.1.
"""

import json
from collections.abc import Mapping
from typing import cast

from flowdock.client.calls.call import Call, call, query_of
from flowdock.protocol import endpoints
from flowdock.protocol.errors import ApiError
from flowdock.protocol.resources import ActionResult
from flowdock.protocol.types import Thread


def list_threads(org: str, flow: str, conditions: Mapping[str, object]) -> Call[list[Thread]]:
    """The threads that meet the conditions, the one updated last first.

    Raises:
        TypeError: there is no such condition; the text names those there are.
    """
    row = endpoints.LIST_THREADS
    return call(row, {"org": org, "flow": flow}, query=query_of(row, conditions))


def show_thread(org: str, flow: str, thread_id: str) -> Call[Thread]:
    """One thread."""
    return call(endpoints.SHOW_THREAD, {"org": org, "flow": flow, "thread_id": thread_id})


def run_action(org: str, flow: str, thread_id: str, key: str) -> Call[ActionResult]:
    """Press a button of a thread."""
    values = {"org": org, "flow": flow, "thread_id": thread_id, "key": key}
    return call(endpoints.RUN_ACTION, values)


def result_in(refusal: ApiError) -> ActionResult | None:
    """What came of a button whose integration did not do it; None when the server itself refused."""
    try:
        content = json.loads(refusal.body)
    except ValueError:
        return None
    is_result = isinstance(content, dict) and content.keys() >= ActionResult.__required_keys__
    return cast("ActionResult", content) if is_result else None
