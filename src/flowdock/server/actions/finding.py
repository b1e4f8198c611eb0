"""Finding what was said anywhere: in the flows somebody is in, and in private with people they still know.

Each log gives its messages newest first, and the newest of all is taken next. A log is not asked before one of its
messages could be that, so that of two hundred flows those are searched in which something was said lately.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, NamedTuple, Unpack

from flowdock.protocol import tags as grammar
from flowdock.protocol.parameters import SearchParameters
from flowdock.server.actions import places
from flowdock.server.actions.places import person
from flowdock.server.domain import permissions, queries
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.permissions import READ_CONVERSATION, READ_FLOW, Role
from flowdock.server.domain.queries import Query
from flowdock.server.domain.refusals import invalid
from flowdock.server.store import conversations, finding, flows, logs, people
from flowdock.server.store.finding import Found, Gathered, Sought
from flowdock.server.store.flows import Flow
from flowdock.server.store.keys import LAST_NUMBER, log_of, number_of
from flowdock.server.store.pages import DEFAULT_LIMIT, LARGEST_LIMIT
from flowdock.server.store.transaction import Transaction

NEIGHBOURS = 2
"""So many messages before and after one that was found are its context."""
EXAMINED_LIMIT = 3000
"""After so many messages that only seemed to match, a page ends although more may follow."""
_FIRST_BATCH = 8
_LARGEST_BATCH = 500


class Position(NamedTuple):
    """Where a page ends: everything that comes after it is older."""

    sent: int
    key: int


_NOWHERE = Position(1 << 62, 0)


@dataclass(frozen=True, slots=True)
class Room:
    """A log to be searched: when something was said there last, and how results name it."""

    log_id: int
    newest_at: int
    place: Mapping[str, object]
    is_private: bool = False


def search(tx: Transaction, actor: Actor, **wanted: Unpack[SearchParameters]) -> dict[str, Any]:
    """A page of what the caller may see and `q` asks for, the newest first."""
    query, limit = queries.parse(wanted.get("q", "")), wanted.get("limit", DEFAULT_LIMIT)
    if not 1 <= limit <= LARGEST_LIMIT:
        raise invalid("limit", f"is {limit}; it may be 1 to {LARGEST_LIMIT}")
    start = min(_position(wanted.get("cursor")), Position(_NOWHERE.sent if query.until is None else query.until, 0))
    sought = None if query.is_hopeless else _sought(tx, query)
    if sought is None:
        return {"results": [], "next": None}
    rooms = {room.log_id: room for room in _rooms(tx, actor, query)}
    hits: list[Found] = []
    last, examined = None, 0
    for found in _merged(tx, list(rooms.values()), sought, start=start, since=query.since or 0):
        if len(hits) == limit or examined == EXAMINED_LIMIT:
            return _page(tx, hits, rooms, last)
        last, examined = found, examined + 1
        if queries.admits(query, found.message, author=sought.author, tags=sought.tags):
            hits.append(found)
    return _page(tx, hits, rooms, None)


def _sought(tx: Transaction, query: Query) -> Sought | None:
    """What the index is asked for; None when somebody or something is meant that there is not."""
    author = None
    if query.author is not None:
        someone = people.find_by_nick(tx, query.author)
        if someone is None:
            return None
        author = someone.id
    tags = []
    for tag in query.tags:
        if tag.startswith("@"):
            mentioned = people.find_by_nick(tx, tag[1:])
            tags.append(grammar.user_tag(str(mentioned.id) if mentioned else tag[1:].casefold()))
        else:
            tags.append(tag)
    return Sought(query.words, query.beginnings, tags, author)


def _rooms(tx: Transaction, actor: Actor, query: Query) -> list[Room]:
    """What is to be searched."""
    caller = person(actor).user_id
    wanted = {name.casefold() for name in query.places}
    found = []
    for flow in flows.of_user(tx, caller):
        names = {flow.id, flow.parameterized_name, f"{flow.organization}/{flow.parameterized_name}"}
        if (not wanted or names & wanted) and permissions.allows(READ_FLOW, actor, places.roles_in(flow)):
            found.append(Room(flow.log_id, 0, _flow_shown(tx, flow)))
    if permissions.allows(READ_CONVERSATION, actor, {Role.SELF}):
        found += _conversations(tx, actor, caller, wanted)
    moments = logs.last_moments(tx, [room.log_id for room in found])
    return [
        replace(room, newest_at=moments[room.log_id])
        for room in found
        if room.log_id in moments and moments[room.log_id] >= (query.since or 0)
    ]


def _conversations(tx: Transaction, actor: Actor, caller: int, wanted: set[str]) -> Iterator[Room]:
    for log_id, other in ((one.log_id, one.other_id) for one in conversations.of_user(tx, caller)):
        user = people.get(tx, other)
        if wanted and f"@{user.nick}".casefold() not in wanted:
            continue
        if permissions.allows(READ_CONVERSATION, actor, places.roles_towards(tx, caller, other)):
            place = {
                "type": "private",
                "id": other,
                "name": f"@{user.nick}",
                "url": f"{tx.site.api_url}/private/{other}",
                "web_url": f"{tx.site.web_url}/app/private/{other}",
            }
            yield Room(log_id, 0, place, is_private=True)


def _flow_shown(tx: Transaction, flow: Flow) -> dict[str, object]:
    names = f"{flow.organization}/{flow.parameterized_name}"
    return {
        "type": "flow",
        "id": flow.id,
        "name": flow.name,
        "parameterized_name": flow.parameterized_name,
        "organization": {"name": flow.organization_name, "parameterized_name": flow.organization},
        "url": f"{tx.site.api_url}/flows/{names}",
        "web_url": f"{tx.site.web_url}/app/{names}",
    }


def _merged(tx: Transaction, rooms: Sequence[Room], sought: Sought, *, start: Position, since: int) -> Iterator[Found]:
    """What the logs give, the newest first."""
    waiting = sorted(rooms, key=lambda room: room.newest_at)
    among = finding.gathered(tx, sought)
    opened: list[tuple[int, int, int, Found, Iterator[Found]]] = []
    turn = count()

    def follow(candidates: Iterator[Found]) -> None:
        if (found := next(candidates, None)) is not None:
            heapq.heappush(opened, (-found.message["sent"], -found.key, next(turn), found, candidates))

    while waiting or opened:
        while waiting and (not opened or min(waiting[-1].newest_at, start.sent) >= -opened[0][0]):
            follow(_candidates(tx, waiting.pop().log_id, sought, start=start, since=since, among=among))
        if opened:
            *_, found, candidates = heapq.heappop(opened)
            yield found
            follow(candidates)


def _candidates(
    tx: Transaction, log_id: int, sought: Sought, *, start: Position, since: int, among: Gathered | None
) -> Iterator[Found]:
    """What one log gives, the newest first, from a position on."""
    below, has_jumped = LAST_NUMBER, False
    if start.key and log_of(start.key) == log_id:
        below, has_jumped = number_of(start.key), True
    size = _FIRST_BATCH
    while True:
        batch = finding.newest(tx, log_id, sought, below=below, limit=size, among=among)
        for found in batch:
            if found.message["sent"] < since:
                return
            if Position(found.message["sent"], found.key) < start:
                yield found
        if len(batch) < size:
            return
        below, size = number_of(batch[-1].key), min(4 * size, _LARGEST_BATCH)
        if not has_jumped and batch[-1].message["sent"] > start.sent:
            # Rather than reading on through all that is newer.
            below, size = min(below, finding.number_at(tx, log_id, start.sent + 1)), _FIRST_BATCH
            has_jumped = True


def _page(tx: Transaction, hits: Sequence[Found], rooms: Mapping[int, Room], last: Found | None) -> dict[str, Any]:
    results = []
    for found in hits:
        room = rooms[log_of(found.key)]
        before, after = finding.beside(tx, found, count=NEIGHBOURS, is_private=room.is_private)
        results.append({"message": found.message, "place": room.place, "before": before, "after": after})
    return {"results": results, "next": None if last is None else f"{last.message['sent']}-{last.key}"}


def _position(cursor: str | None) -> Position:
    if not cursor:
        return _NOWHERE
    sent, _, key = cursor.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (sent, key)):
        raise invalid("cursor", f"is {cursor[:80]!r}; it may be the `next` of the page before")
    return Position(int(sent), int(key))
