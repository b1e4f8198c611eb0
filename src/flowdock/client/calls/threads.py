"""Threads of a flow.

Source: wire facts 2.4 and 7.1.
"""

from collections.abc import Mapping

from flowdock.client.calls.call import Call, call, query_of
from flowdock.protocol import endpoints
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
