"""The conversation with the server behind the chat: what is heard, what is said, and which places there are.

Nothing here draws. `changed` is called after anything that may be seen has become different.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flowdock import AsyncClient, AsyncFlow, FlowdockError, StreamGap
from flowdock.cli.chat.history import Message
from flowdock.cli.chat.place import Place
from flowdock.cli.session import name_of
from flowdock.protocol import tags

PAGE = 60
"""So many messages are asked for at once."""
FURTHEST_PAGES = 50
"""So many pages are read to get to an old message."""


class Talk:
    """What one has open: places by key, people by id, and the stream that brings what happens in all of them."""

    def __init__(
        self, client: AsyncClient, *, changed: Callable[[], None], stated: Callable[[str, FlowdockError | None], None]
    ) -> None:
        self.client = client
        self.places: dict[str, Place] = {}
        self.nicks: dict[str, str] = {}
        self.names: set[str] = set()
        self.emoji: tuple[str, ...] = ()
        self.me = ""
        self.current: Place | None = None
        self.is_watched = True
        self.is_open = asyncio.Event()
        self._changed = changed
        self._stated = stated
        self._loading = asyncio.Lock()

    @property
    def my_nick(self) -> str:
        """One's own nick."""
        return self.nick_of(self.me)

    def nick_of(self, user: str) -> str:
        """The nick of a user, or how else to call them."""
        return self.nicks.get(user, f"user {user}")

    def is_nick(self, name: str) -> bool:
        """Whether somebody is called so."""
        return name.casefold() in self.names

    async def begin(self) -> None:
        """Find out who one is, who there is, and where."""
        me, flows, conversations = await asyncio.gather(
            self.client.me(), self.client.flows(users=True), self.client.conversations()
        )
        self.me = str(me["id"])
        self.meet(await self.client.users())
        for flow in flows:
            self.meet(flow.get("users", ()))
            self.add_flow(flow)
        for one in conversations:
            self.meet(one["users"])
            if one["open"]:
                self.private(str(one["id"])).mentions = one["activity"]["mentions"]
        for waiting in await self.client.unread():
            if place := self.place_of_flow(waiting["flow"]):
                place.mentions = waiting["count"]

    def meet(self, people: Any) -> None:
        """Learn the nicks of people."""
        self.nicks |= {str(one["id"]): str(one["nick"]) for one in people if one.get("nick")}
        self.names = {nick.casefold() for nick in self.nicks.values()}

    def add_flow(self, flow: Any) -> Place:
        """The place that a flow is."""
        name = name_of(flow)
        org, _, own = name.partition("/")
        return self.places.setdefault(
            flow["id"], Place(key=flow["id"], name=name, conversation=self.client(org=org, flow=own))
        )

    def private(self, user: str) -> Place:
        """The private conversation with a person."""
        key = f"@{user}"
        if key not in self.places:
            self.places[key] = Place(key=key, name=f"@{self.nick_of(user)}", conversation=self.client(uid=int(user)))
        return self.places[key]

    def place_of_flow(self, name: str) -> Place | None:
        """The place of a flow by its id, its name in the organization or `org/flow`."""
        found = self.places.get(name)
        return found or next(
            (one for one in self.places.values() if name in {one.name, one.name.partition("/")[2]}), None
        )

    async def listen(self) -> None:
        """Take in what happens, until the client is closed. After a cut the stream goes on right after the last event.

        Raises:
            FlowdockError: the server refuses for good.
        """
        async with self.client.events(private=True, on_state=self._state) as stream:
            while True:
                try:
                    async for event in stream:
                        await self.hear(event)
                    return
                except StreamGap:
                    for place in self.places.values():
                        place.is_loaded = False
                    with suppress(FlowdockError):  # it is read when one goes there next
                        await self.load(self.current)

    async def hear(self, event: Message) -> None:
        """Take in one event, wherever it belongs."""
        kind, content = event.get("event"), event.get("content")
        if isinstance(content, dict) and isinstance(content.get("user"), dict):
            self.meet([content["user"]])
        if kind in {"flow-add", "flow-remove"} and isinstance(content, dict):
            with suppress(FlowdockError):  # what happens elsewhere is heard all the same
                await self._go(str(content.get("id")), comes=kind == "flow-add")
        place = self._place_of(event)
        if place is None:
            return
        user = str(event.get("user") or "")
        if kind == "typing":
            place.saw_typing(user)
        elif event.get("id") is not None:
            place.typing.pop(user, None)
            await self._know(user)
            if place.hear(event):
                place.settle(event.get("uuid"))
                self._count(place, event)
        self._changed()

    async def load(self, place: Place | None) -> None:
        """Read the newest messages of a place, unless they are known."""
        if place is None:
            return
        async with self._loading:
            if not place.is_loaded:
                listed = await place.conversation.list(limit=PAGE)
                place.start_over(listed, full=len(listed) == PAGE)
        self._changed()

    async def older(self, place: Place) -> None:
        """Read the page before the oldest message known."""
        async with self._loading:
            if not (place.has_older and place.is_loaded and place.history.ids):
                return
            listed = await place.conversation.list(until_id=place.history.ids[0], limit=PAGE)
            place.has_older = len(listed) == PAGE
            place.history.add(listed)
        self._changed()

    async def reach(self, place: Place, message_id: int) -> None:
        """Read back to a message."""
        await self.load(place)
        for _ in range(FURTHEST_PAGES):
            if not place.has_older or place.history.ids[0] <= message_id:
                return
            await self.older(place)

    async def read_thread(self, place: Place, thread_id: str) -> None:
        """Read a thread from its beginning, as far as one page goes, and what state it is in."""
        if isinstance(place.conversation, AsyncFlow):
            thread = place.conversation.thread(thread_id)
            place.history.threads[thread_id] = await thread.show()
            place.thread(thread_id).add(await thread.list(limit=100))
            self._changed()

    async def open(self, place: Place) -> None:
        """Go to a place: what waits in it is read."""
        if self.current is not place:
            if self.current is not None:
                self.current.read_until = None
            self.current = place
            if place.unread and place.history.ids and place.read_until is None:
                place.read_until = place.history.ids[-min(place.unread + 1, len(place.history.ids))]
        await self.load(place)
        await self.read(place)

    async def read(self, place: Place) -> None:
        """Nothing waits in a place any more, here and on the server."""
        had, place.unread, place.mentions = place.mentions, 0, 0
        self._changed()
        if had and isinstance(place.conversation, AsyncFlow):
            await place.conversation.mark_read()

    async def _go(self, flow_id: str, *, comes: bool) -> None:
        if comes and flow_id not in self.places:
            flow = await self.client.find_flow(flow_id)
            self.meet(flow.get("users", ()))
            self.add_flow(flow)
        elif not comes and flow_id in self.places and self.places[flow_id] is not self.current:
            del self.places[flow_id]
        self._changed()

    async def _know(self, user: str) -> None:
        """Ask who somebody is that nobody has told of."""
        if user.isdecimal() and user != "0" and user not in self.nicks:
            self.nicks[user] = f"user {user}"
            with suppress(FlowdockError):  # what they said matters more than how they are called
                self.meet(await self.client.users())

    def _place_of(self, event: Message) -> Place | None:
        if event.get("flow"):
            return self.places.get(str(event["flow"]))
        if "to" not in event or not event.get("user"):
            return None
        return self.private(str(event["user"] if str(event["to"]) == self.me else event["to"]))

    def _count(self, place: Place, event: Message) -> None:
        if str(event.get("user")) == self.me or (place is self.current and self.is_watched):
            return
        if place.unread == 0 and place.history.ids and place is self.current:
            place.read_until = ([0, *place.history.ids])[-2]
        place.unread += 1
        if place.is_private or _means(event, self.my_nick, self.me):
            place.mentions += 1

    def _state(self, state: str, failure: FlowdockError | None) -> None:
        if state == "open":
            self.is_open.set()
        else:
            self.is_open.clear()
        self._stated(state, failure)
        self._changed()


def _means(event: Message, nick: str, me: str) -> bool:
    text = event.get("content")
    mentioned = {name.casefold() for name in tags.extract_mentions(text)} if isinstance(text, str) else set()
    return f":user:{me}" in (event.get("tags") or ()) or bool(mentioned & {nick.casefold(), *tags.EVERYONE})
