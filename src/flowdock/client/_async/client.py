"""A person's token: the way to flows, to private conversations and to who is who."""

from collections.abc import Iterable, Mapping
from os import PathLike
from types import TracebackType
from typing import Any, Literal, Self, overload

from flowdock.client import calls, forms, walks
from flowdock.client._async.account import AsyncAccount
from flowdock.client._async.events import AsyncStream
from flowdock.client._async.flow import AsyncFlow
from flowdock.client._async.organizations import AsyncOrganizations
from flowdock.client._async.pages import AsyncPages
from flowdock.client._async.people import AsyncPeople
from flowdock.client._async.private import AsyncPrivate
from flowdock.client._async.several import AsyncSeveral
from flowdock.client._async.transport import AsyncTransport
from flowdock.client.reading import OnState
from flowdock.client.walks import Walk
from flowdock.protocol.resources import Hit, SearchResults
from flowdock.protocol.types import Flow as FlowDetails
from flowdock.protocol.types import User


class AsyncClient(AsyncAccount, AsyncOrganizations):
    """What a personal token opens. Called, it gives a flow or a private conversation, without asking the server.

    Example:
        async with flowdock.connect_async(token=TOKEN) as client:
            flow = client(org="acme", flow="main")
            private = client(name="Ray_")
    """

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport
        self._people = AsyncPeople(transport)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self._transport.settings.api_url}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connections, also those of the flows and conversations that were made from this client."""
        await self._transport.close()

    @overload
    def __call__(self, *, org: str, flow: str) -> AsyncFlow: ...

    @overload
    def __call__(self, *, uid: int | str) -> AsyncPrivate: ...

    @overload
    def __call__(self, *, name: str) -> AsyncPrivate: ...

    def __call__(self, **keywords: Any) -> AsyncFlow | AsyncPrivate:
        """A flow, or the private conversation with a person.

        Example:
            flow = client(org="acme", flow="main")
            private = client(uid=42)

        Raises:
            TypeError: any other mix of keywords; the text names those allowed.
        """
        return conversation_of(self._transport, self._people, forms.target_of_call(keywords), alone=False)

    async def get_uid(self, name: str) -> int:
        """The id of the person with this display name (`nick`).

        Names are remembered; the server is asked again when one is unknown.

        Example:
            private = client(uid=await client.get_uid("Ray_"))

        Raises:
            UnknownName: nobody has it. It is a `LookupError`.
        """
        return await self._people.uid_of(name)

    async def users(self) -> list[User]:
        """Everyone this token can see."""
        return await self._transport.answer(calls.people.list_users())

    async def user(self, id: int) -> User:
        """One of them.

        Example:
            print((await client.user(ray["id"]))["nick"])
        """
        return await self._transport.answer(calls.people.show_user(id))

    async def flows(self, *, users: bool = False) -> list[FlowDetails]:
        """The flows one is in; with `users`, the people of each.

        Example:
            for flow in await client.flows(users=True):
                print(flow["name"], [user["nick"] for user in flow["users"]])
        """
        return await self._transport.answer(calls.flows.list_flows(users=users))

    async def all_flows(self, *, users: bool = False) -> list[FlowDetails]:
        """The flows one is in and those one may join (`joined` tells); with `users`, the people of each.

        Example:
            may_join = [flow["name"] for flow in await client.all_flows() if not flow["joined"]]
        """
        return await self._transport.answer(calls.flows.all_flows(users=users))

    async def find_flow(self, id: str) -> FlowDetails:
        """The flow of this id, such as messages have in `flow`.

        Example:
            print((await client.find_flow(msg["flow"]))["name"])
        """
        return await self._transport.answer(calls.flows.find_flow(id))

    def events(
        self,
        *,
        flows: Iterable[str] | None = None,
        private: bool = False,
        since: str | Mapping[str, int] | None = None,
        checkpoint: str | PathLike[str] | None = None,
        on_state: OnState | None = None,
    ) -> AsyncStream:
        """Everything that happens in several flows, and if wanted in private, in one stream.

        `flows` are names such as "acme/main"; without it, all flows one is in, also those one comes into later. Events
        of a flow have its id in `event["flow"]`, private ones have `event["to"]`. A `flow-add` or `flow-remove` tells
        that one came into a flow or is out of it. Instead of a cursor, `since` may give by name the number of the
        message in each flow (and, by the other person's id, in each conversation) after which it begins; what was
        edited meanwhile comes as it is now. The rest is as in a flow's `events`.

        Example:
            async for event in client.events(private=True, checkpoint="seen.db"):
                print(event.get("flow", "in private"), event["event"])

        Raises:
            UnknownName: one is in no flow of a name in `flows`.
        """
        subscribe = AsyncSeveral(self._transport, flows, private=private)
        return AsyncStream(self._transport, subscribe, since=since, checkpoint=checkpoint, on_state=on_state)

    async def create_flow(
        self,
        org: str,
        name: str,
        *,
        description: str | None = None,
        access_mode: Literal["invitation", "link", "organization"] | None = None,
    ) -> FlowDetails:
        """Make a flow in an organization; `access_mode` says who may come in, by invitation if not given.

        Example:
            made = await client.create_flow("acme", "Releases")
            flow = client(org="acme", flow=made["parameterized_name"])
        """
        return await self._transport.answer(
            calls.flows.create_flow(org, name, description=description, access_mode=access_mode)
        )

    async def search(self, q: str, *, limit: int | None = None, cursor: str | None = None) -> SearchResults:
        """The messages, inbox items and files that match, of all flows and conversations, the newest first.

        `q` is words, all of them needed, the last of which may be a beginning (lam*), and any of from:nick,
        in:org/flow, tag:name, before:2020-01-31, after:2020-01-01, has:file, has:link. `limit` is 1 to 100;
        `cursor` is the `next` of the results before.

        Example:
            found = await client.search("from:ray release notes has:file")
        """
        return await self._transport.answer(calls.searching.search(q, limit=limit, cursor=cursor))

    def hits(self, q: str) -> AsyncPages[Hit]:
        """Everything that `search` finds, however much, the newest first, asked for by the hundred.

        Example:
            async for hit in client.hits("release notes has:file"):
                print(hit["place"]["name"], hit["message"]["content"])
        """

        async def begin() -> Walk[Hit]:
            return walks.HitWalk(q)

        return AsyncPages(self._transport, begin)


def conversation_of(
    transport: AsyncTransport, people: AsyncPeople, target: dict[str, Any], *, alone: bool
) -> AsyncFlow | AsyncPrivate:
    """The flow or private conversation that the keywords name; `alone` if nothing else uses the transport."""
    if "flow" in target:
        return AsyncFlow(transport, **target, alone=alone)
    return AsyncPrivate(transport, people, **target, alone=alone)
