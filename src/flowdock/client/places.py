"""Where messages are: a flow, a thread of one or a private conversation, each with its own rows for the same. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from flowdock.protocol import endpoints
from flowdock.protocol.endpoints import Endpoint
from flowdock.protocol.types import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The rows of the things that are done here, and the values that their paths need."""

    values: Mapping[str, object]
    send: Endpoint[Message]
    messages: Endpoint[list[Message]]
    show: Endpoint[Message]
    edit: Endpoint[None]
    delete: Endpoint[None]
    react: Endpoint[None]


def flow(org: str, flow: str) -> Place:
    """A flow."""
    return Place(
        values={"org": org, "flow": flow},
        send=endpoints.SEND_TO_FLOW,
        messages=endpoints.LIST_MESSAGES,
        show=endpoints.SHOW_MESSAGE,
        edit=endpoints.EDIT_MESSAGE,
        delete=endpoints.DELETE_MESSAGE,
        react=endpoints.REACT,
    )


def thread(org: str, flow: str, thread_id: str) -> Place:
    """One thread of a flow."""
    return Place(
        values={"org": org, "flow": flow, "thread_id": thread_id},
        send=endpoints.SEND_TO_THREAD,
        messages=endpoints.LIST_REPLIES,
        show=endpoints.SHOW_MESSAGE,
        edit=endpoints.EDIT_MESSAGE,
        delete=endpoints.DELETE_MESSAGE,
        react=endpoints.REACT,
    )


def private(uid: int | str) -> Place:
    """The conversation with one other person."""
    return Place(
        values={"user_id": uid},
        send=endpoints.SEND_PRIVATELY,
        messages=endpoints.LIST_PRIVATE,
        show=endpoints.SHOW_PRIVATE,
        edit=endpoints.EDIT_PRIVATE,
        delete=endpoints.DELETE_PRIVATE,
        react=endpoints.REACT_PRIVATELY,
    )
