# Generated from src/flowdock/client/_async/client.py by tools/unasync.py; edit that file instead
"""A person's token: the way to flows, to private conversations and to who is who."""

from collections.abc import Iterable, Mapping
from os import PathLike
from types import TracebackType
from typing import Any, Literal, Self, overload

from flowdock.client import calls, forms, walks
from flowdock.client._sync.account import Account
from flowdock.client._sync.events import Stream
from flowdock.client._sync.flow import Flow
from flowdock.client._sync.organizations import Organizations
from flowdock.client._sync.pages import Pages
from flowdock.client._sync.people import People
from flowdock.client._sync.private import Private
from flowdock.client._sync.several import Several
from flowdock.client._sync.transport import Transport
from flowdock.client.reading import OnState
from flowdock.client.walks import Walk
from flowdock.protocol.resources import Hit, SearchResults
from flowdock.protocol.types import Flow as FlowDetails
from flowdock.protocol.types import User


class Client(Account, Organizations):
    """What a personal token opens. Called, it gives a flow or a private conversation, without asking the server.

    Example:
        with flowdock.connect(token=TOKEN) as client:
            flow = client(org="acme", flow="main")
            private = client(name="Ray_")
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._people = People(transport)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self._transport.settings.api_url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connections, also those of the flows and conversations that were made from this client."""
        self._transport.close()

    @overload
    def __call__(self, *, org: str, flow: str) -> Flow: ...

    @overload
    def __call__(self, *, uid: int | str) -> Private: ...

    @overload
    def __call__(self, *, name: str) -> Private: ...

    def __call__(self, **keywords: Any) -> Flow | Private:
        """A flow, or the private conversation with a person.

        Example:
            flow = client(org="acme", flow="main")
            private = client(uid=42)

        Raises:
            TypeError: any other mix of keywords; the text names those allowed.
        """
        return conversation_of(self._transport, self._people, forms.target_of_call(keywords), alone=False)

    def get_uid(self, name: str) -> int:
        """The id of the person with this display name (`nick`).

        Names are remembered; the server is asked again when one is unknown.

        Example:
            private = client(uid=client.get_uid("Ray_"))

        Raises:
            UnknownName: nobody has it. It is a `LookupError`.
        """
        return self._people.uid_of(name)

    def users(self) -> list[User]:
        """Everyone this token can see."""
        return self._transport.answer(calls.people.list_users())

    def user(self, id: int) -> User:
        """One of them.

        Example:
            print((client.user(ray["id"]))["nick"])
        """
        return self._transport.answer(calls.people.show_user(id))

    def flows(self, *, users: bool = False) -> list[FlowDetails]:
        """The flows one is in; with `users`, the people of each.

        Example:
            for flow in client.flows(users=True):
                print(flow["name"], [user["nick"] for user in flow["users"]])
        """
        return self._transport.answer(calls.flows.list_flows(users=users))

    def all_flows(self, *, users: bool = False) -> list[FlowDetails]:
        """The flows one is in and those one may join (`joined` tells); with `users`, the people of each.

        Example:
            may_join = [flow["name"] for flow in client.all_flows() if not flow["joined"]]
        """
        return self._transport.answer(calls.flows.all_flows(users=users))

    def find_flow(self, id: str) -> FlowDetails:
        """The flow of this id, such as messages have in `flow`.

        Example:
            print((client.find_flow(msg["flow"]))["name"])
        """
        return self._transport.answer(calls.flows.find_flow(id))

    def events(
        self,
        *,
        flows: Iterable[str] | None = None,
        private: bool = False,
        since: str | Mapping[str, int] | None = None,
        checkpoint: str | PathLike[str] | None = None,
        on_state: OnState | None = None,
    ) -> Stream:
        """Everything that happens in several flows, and if wanted in private, in one stream.

        `flows` are names such as "acme/main"; without it, all flows one is in, also those one comes into later. Events
        of a flow have its id in `event["flow"]`, private ones have `event["to"]`. A `flow-add` or `flow-remove` tells
        that one came into a flow or is out of it. Instead of a cursor, `since` may give by name the number of the
        message in each flow (and, by the other person's id, in each conversation) after which it begins; what was
        edited meanwhile comes as it is now. The rest is as in a flow's `events`.

        Example:
            for event in client.events(private=True, checkpoint="seen.db"):
                print(event.get("flow", "in private"), event["event"])

        Raises:
            UnknownName: one is in no flow of a name in `flows`.
        """
        subscribe = Several(self._transport, flows, private=private)
        return Stream(self._transport, subscribe, since=since, checkpoint=checkpoint, on_state=on_state)

    def create_flow(
        self,
        org: str,
        name: str,
        *,
        description: str | None = None,
        access_mode: Literal["invitation", "link", "organization"] | None = None,
    ) -> FlowDetails:
        """Make a flow in an organization; `access_mode` says who may come in, by invitation if not given.

        Example:
            made = client.create_flow("acme", "Releases")
            flow = client(org="acme", flow=made["parameterized_name"])
        """
        return self._transport.answer(
            calls.flows.create_flow(org, name, description=description, access_mode=access_mode)
        )

    def search(self, q: str, *, limit: int | None = None, cursor: str | None = None) -> SearchResults:
        """The messages, inbox items and files that match, of all flows and conversations, the newest first.

        `q` is words, all of them needed, the last of which may be a beginning (lam*), and any of from:nick,
        in:org/flow, tag:name, before:2020-01-31, after:2020-01-01, has:file, has:link. `limit` is 1 to 100;
        `cursor` is the `next` of the results before.

        Example:
            found = client.search("from:ray release notes has:file")
        """
        return self._transport.answer(calls.searching.search(q, limit=limit, cursor=cursor))

    def hits(self, q: str) -> Pages[Hit]:
        """Everything that `search` finds, however much, the newest first, asked for by the hundred.

        Example:
            for hit in client.hits("release notes has:file"):
                print(hit["place"]["name"], hit["message"]["content"])
        """

        def begin() -> Walk[Hit]:
            return walks.HitWalk(q)

        return Pages(self._transport, begin)


def conversation_of(transport: Transport, people: People, target: dict[str, Any], *, alone: bool) -> Flow | Private:
    """The flow or private conversation that the keywords name; `alone` if nothing else uses the transport."""
    if "flow" in target:
        return Flow(transport, **target, alone=alone)
    return Private(transport, people, **target, alone=alone)
