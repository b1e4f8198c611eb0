"""Who and what there is where the bot is: people and flows, as they are now."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from flowdock.bot.matching import Event, Surroundings
from flowdock.client._async.client import AsyncClient
from flowdock.protocol.errors import UnknownName
from flowdock.protocol.types import Flow, User

CHANGES = frozenset({"flow-add", "flow-remove", "flow-change"})
"""Events after which the flows are asked for again."""


class People(Mapping[int, User]):
    """The people the bot shares a flow with, by id; nicks are as they are now."""

    def __init__(self) -> None:
        self._users: dict[int, User] = {}

    def __getitem__(self, id: int) -> User:
        return self._users[id]

    def __iter__(self) -> Iterator[int]:
        return iter(self._users)

    def __len__(self) -> int:
        return len(self._users)

    def replace(self, users: dict[int, User]) -> None:
        """Know these and no others."""
        self._users = users

    def named(self, nick: str) -> User:
        """The person of this nick, whatever its case.

        Raises:
            UnknownName: nobody here has it.
        """
        wanted = nick.removeprefix("@").casefold()
        found = next((user for user in self._users.values() if user["nick"].casefold() == wanted), None)
        if found is None:
            similar = difflib.get_close_matches(nick, [user["nick"] for user in self._users.values()], n=1)
            raise UnknownName(
                f"nobody here has the nick {nick!r}" + (f"; did you mean {similar[0]!r}?" if similar else "")
            )
        return found

    def nick(self, id: int | str) -> str:
        """What somebody is called; the id itself for whom the bot has never seen."""
        user = self._users.get(int(id)) if str(id).isdecimal() else None
        return str(id) if user is None else user["nick"]


class Flows(Mapping[str, Flow]):
    """The flows the bot is in, by their names (`org/flow`)."""

    def __init__(self) -> None:
        self._flows: dict[str, Flow] = {}

    def __getitem__(self, name: str) -> Flow:
        return self._flows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._flows)

    def __len__(self) -> int:
        return len(self._flows)

    def replace(self, flows: dict[str, Flow]) -> None:
        """Know these and no others."""
        self._flows = flows

    def name_of(self, id: object) -> str | None:
        """The name of the flow of this id, such as events have in `flow`."""
        return next((name for name, flow in self._flows.items() if flow["id"] == id), None)


class Directory:
    """People and flows, brought up to date by the events that tell of them."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self.people = People()
        self.flows = Flows()
        self.me: User
        self._surroundings: Surroundings | None = None

    async def load(self) -> None:
        """Ask for everything."""
        self.me = await self._client.me()
        users = {user["id"]: user for user in await self._client.users()}
        flows = await self._client.flows()
        self.people.replace({**users, self.me["id"]: self.me})
        self.flows.replace(
            {f"{flow['organization']['parameterized_name']}/{flow['parameterized_name']}": flow for flow in flows}
        )
        self._surroundings = None

    async def hear(self, event: Event) -> None:
        """Bring up to date what an event tells a change of."""
        kind, content = event.get("event"), event.get("content")
        # What happens in a flow may be heard before that one came into it.
        if kind in CHANGES or (event.get("flow") is not None and self.flows.name_of(event["flow"]) is None):
            await self.load()
        elif kind in {"user-edit", "backend.user.join"} and isinstance(content, Mapping):
            self._update(content.get("user"))

    def surroundings(self) -> Surroundings:
        """What filters need to know."""
        if self._surroundings is None:
            flows = {str(flow["id"]): name for name, flow in self.flows.items()}
            nicks = {str(uid): user["nick"] for uid, user in self.people.items()}
            self._surroundings = Surroundings(me=str(self.me["id"]), nick=self.me["nick"], flows=flows, nicks=nicks)
        return self._surroundings

    def _update(self, told: Any) -> None:
        if not isinstance(told, Mapping) or not isinstance(told.get("id"), int):
            return
        known: Any = self.people.get(told["id"]) or {}
        user: Any = {**known, **{name: value for name, value in told.items() if name != "email_hash"}}
        self.people.replace({**self.people, told["id"]: user})
        self._surroundings = None
        if told["id"] == self.me["id"]:
            self.me = user
