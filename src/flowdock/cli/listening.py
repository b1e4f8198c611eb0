"""A stream as a command reads it: of one place or of several, each with a name for people."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from flowdock import Stream, StreamGap
from flowdock.cli import beginnings, terminal
from flowdock.cli.failures import Failure
from flowdock.cli.lines import Event
from flowdock.protocol.errors import FlowdockError

if TYPE_CHECKING:
    from flowdock import Flow, Private
    from flowdock.cli.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What to listen to, as it was asked for."""

    flows: Sequence[str] = ()
    """Names, `org/flow`."""
    to: str | None = None
    """The nick of the other person of a private conversation."""
    everything: bool = False
    private: bool = False

    @property
    def is_several(self) -> bool:
        """Whether events may come from more than one place."""
        return self.everything or self.private or len(self.flows) > 1

    def check(self) -> None:
        """Raise `typer.BadParameter` for what excludes each other."""
        if self.everything and self.flows:
            raise typer.BadParameter("--all listens to every flow; leave it out, or the names")
        if self.to is not None and (self.flows or self.everything or self.private):
            raise typer.BadParameter("--to listens to one conversation; leave it out, or flows, --all and --private")


@dataclass(slots=True)
class Heard:
    """Events of a stream, and where each came from."""

    opened: "Session"
    wanted: Range
    name: str = ""
    """What is listened to, for people."""
    _names: dict[str, str] = field(default_factory=dict)
    _nicks: dict[str, str] = field(default_factory=dict)
    _me: str = ""
    _place: "Flow | Private | None" = None

    def begin(self, *, since: int | datetime | None, checkpoint: Path | None, tell: bool) -> Stream:
        """The stream; with `tell` people hear when its connection is lost and when it is back."""
        on_state = Connection().is_now if tell else None
        wanted, client = self.wanted, self.opened.client
        if not wanted.is_several:
            place = self.opened.conversation(flow=next(iter(wanted.flows), None), to=wanted.to)
            self.name = self.opened.name
            self._place = place
            number = beginnings.last_before(place, since) if isinstance(since, datetime) else since
            return place.events(since=number, checkpoint=checkpoint, on_state=on_state)
        if isinstance(since, int) and since:
            raise typer.BadParameter("numbers count in one flow; for several give --since a time, such as 2h")
        flows = self._flows()
        self.name = ", ".join(
            [*(["all flows"] if flows is None else flows), *(["private conversations"] if wanted.private else [])]
        )
        starts = None if since is None else self._starts(flows, since)
        return client.events(
            flows=flows, private=wanted.private, since=starts, checkpoint=checkpoint, on_state=on_state
        )

    def thread_id(self, given: str) -> str:
        """The id of the thread that has it, or that holds the message of this number."""
        from flowdock import Flow

        if not given.isdecimal():
            return given
        if not isinstance(self._place, Flow):
            raise typer.BadParameter("numbers count in one flow; give --thread an id, or listen to one flow")
        return self.opened.thread_id(self._place, given)

    def place_of(self, event: Event) -> str:
        """The name of the flow, or of the other person with an @; empty when all come from one place."""
        if not self.wanted.is_several:
            return ""
        flow = event.get("flow")
        if isinstance(flow, str):
            if flow not in self._names:
                self._learn()
            return self._names.setdefault(flow, flow)
        sides = [str(event.get(side) or "") for side in ("to", "user")]
        other = sides[1] if sides[0] == self._id() else sides[0]
        return f"@{self._nick(other)}" if other else ""

    @property
    def places(self) -> list[str]:
        """The names of the flows that are known so far."""
        return [*self._names.values()]

    def _flows(self) -> list[str] | None:
        """The names of the flows; None is all there are. Each has to be there."""
        self._learn()
        if self.wanted.everything:
            return None
        for name in self.wanted.flows:
            if name not in self._names.values():
                raise Failure(f"no flow {name!r} for this token; 'flowdock flows' lists those there are")
        return list(dict.fromkeys(self.wanted.flows))

    def _starts(self, flows: Sequence[str] | None, since: int | datetime) -> Mapping[str, int]:
        """In each place the number of the last message before a moment; 0 is the beginning."""
        client, places = self.opened.client, dict[str, "Flow | Private"]()
        for name in [*self._names.values()] if flows is None else flows:
            org, _, flow = name.partition("/")
            places[name] = client(org=org, flow=flow)
        for conversation in client.conversations() if self.wanted.private else ():
            places[str(conversation["id"])] = client(uid=conversation["id"])
        if isinstance(since, int):
            return dict.fromkeys(places, since)
        return {name: beginnings.last_before(place, since) for name, place in places.items()}

    def _learn(self) -> None:
        from flowdock.cli.session import name_of

        self._names |= {flow["id"]: name_of(flow) for flow in self.opened.client.flows()}

    def _id(self) -> str:
        self._me = self._me or str(self.opened.client.me()["id"])
        return self._me

    def _nick(self, uid: str) -> str:
        if uid not in self._nicks:
            self._nicks |= {str(user["id"]): user["nick"] for user in self.opened.client.users()}
        return self._nicks.setdefault(uid, f"user {uid}")


def told(stream: Stream) -> Iterator[Event]:
    """The events; what is lost for good is remarked to people, and it goes on after that."""
    while True:
        try:
            event = next(stream)
        except StopIteration:
            return
        except StreamGap as gap:
            terminal.remark(str(gap))
            continue
        yield dict(event)


class Connection:
    """Tells on a terminal when the connection of a stream is lost, and when it is back."""

    def __init__(self) -> None:
        self._is_lost = False

    def is_now(self, state: str, failure: FlowdockError | None) -> None:
        """Take note of the state of the stream."""
        if state == "waiting" and not self._is_lost and sys.stderr.isatty():
            self._is_lost = True
            terminal.remark(f"the connection is lost ({failure or 'the server ended it'}); trying again")
        elif state == "open" and self._is_lost:
            self._is_lost = False
            terminal.remark("the connection is back")
