"""Flows, and what one person may do in each.

Whoever finds a flow in a write keeps others from writing to it, so that all that is decided after stays true.
"""

import re
from dataclasses import dataclass

from flowdock.server.store import logs
from flowdock.server.store.transaction import NotFound, Transaction

_COLUMNS = (
    "f.log_id, f.id, f.name, f.parameterized_name, f.description, f.access_mode, f.roster_stamp,"
    " o.id, o.name, o.parameterized_name, m.flow_admin, m.open, m.team_notifications"
)
_FOR_MEMBER = (
    "FROM flow_users m JOIN flows f ON f.log_id = m.log_id JOIN organizations o ON o.id = f.organization_id"
    " WHERE m.user_id = ? AND m.in_flow = 1"
)


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow as one of its members meets it. `roster_stamp` changes whenever its people do."""

    log_id: int
    id: str
    name: str
    parameterized_name: str
    description: str
    access_mode: str
    roster_stamp: int
    organization_id: int
    organization_name: str
    organization: str
    flow_admin: bool
    open: bool
    team_notifications: bool


def get(tx: Transaction, user_id: int, organization: str, flow: str) -> Flow:
    """A flow that a user is in, by its two names; NotFound otherwise."""
    tx.lock(
        "SELECT 1 FROM logs WHERE id = (SELECT f.log_id FROM flows f JOIN organizations o ON o.id = f.organization_id"
        " WHERE f.parameterized_name = ? AND o.parameterized_name = ?)",
        (flow, organization),
    )
    row = tx.one(
        f"SELECT {_COLUMNS} {_FOR_MEMBER} AND f.parameterized_name = ? AND o.parameterized_name = ?",
        (user_id, flow, organization),
    )
    if row is None:
        raise NotFound
    return Flow(*row)


def get_by_id(tx: Transaction, user_id: int, flow_id: str) -> Flow:
    """A flow that a user is in, by its id, or as `org/flow` or `org:flow`; NotFound otherwise."""
    tx.lock("SELECT 1 FROM logs WHERE id = (SELECT log_id FROM flows WHERE id = ?)", (flow_id,))
    row = tx.one(f"SELECT {_COLUMNS} {_FOR_MEMBER} AND f.id = ?", (user_id, flow_id))
    if row is not None:
        return Flow(*row)
    names = re.split(r"[/:]", flow_id)
    if len(names) != 2:
        raise NotFound
    return get(tx, user_id, *names)


def get_by_log(tx: Transaction, user_id: int, log_id: int) -> Flow:
    """A flow that a user is in, by its log; NotFound otherwise."""
    logs.lock(tx, log_id)
    row = tx.one(f"SELECT {_COLUMNS} {_FOR_MEMBER} AND f.log_id = ?", (user_id, log_id))
    if row is None:
        raise NotFound
    return Flow(*row)


def named(tx: Transaction, organization_id: int, parameterized_name: str) -> int | None:
    """The log of the flow of this name in an organization."""
    row = tx.one(
        "SELECT log_id FROM flows WHERE organization_id = ? AND parameterized_name = ?",
        (organization_id, parameterized_name),
    )
    return None if row is None else int(row[0])


def of_user(tx: Transaction, user_id: int) -> list[Flow]:
    """The flows a user is in, by organization and name."""
    rows = tx.rows(f"SELECT {_COLUMNS} {_FOR_MEMBER} ORDER BY o.name, f.name, f.log_id", (user_id,))
    return [Flow(*row) for row in rows]


def public_id(tx: Transaction, log_id: int) -> str:
    """The id by which the world knows a flow."""
    row = tx.one("SELECT id FROM flows WHERE log_id = ?", (log_id,))
    if row is None:
        raise NotFound
    return str(row[0])


def roster_stamp(tx: Transaction, log_id: int) -> int:
    """The stamp that changes whenever a flow's people do."""
    row = tx.one("SELECT roster_stamp FROM flows WHERE log_id = ?", (log_id,))
    return 0 if row is None else int(row[0])


def last_message(tx: Transaction, log_id: int) -> tuple[int | None, int | None]:
    """Number and moment of a log's newest message."""
    row = tx.one("SELECT last_message_number, last_message_at FROM logs WHERE id = ?", (log_id,))
    return (None, None) if row is None else (row[0], row[1])


def create(tx: Transaction, *, log_id: int, id: str, organization_id: int, name: str, parameterized_name: str) -> None:
    """Store a new flow without people."""
    tx.execute(
        "INSERT INTO flows (log_id, id, organization_id, name, parameterized_name, roster_stamp, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (log_id, id, organization_id, name, parameterized_name, _stamp(tx), tx.now),
    )


def add_user(tx: Transaction, log_id: int, user_id: int, *, flow_admin: bool) -> None:
    """Put a user into a flow, again if they had left."""
    tx.execute(
        "INSERT INTO flow_users (log_id, user_id, flow_admin, in_flow, open) VALUES (?, ?, ?, 1, 1)"
        " ON CONFLICT (log_id, user_id) DO UPDATE SET in_flow = 1, open = 1",
        (log_id, user_id, int(flow_admin)),
    )
    people_changed(tx, log_id)


def people_changed(tx: Transaction, log_id: int) -> None:
    """Give the flow a new stamp, so that nobody uses a roster read before.

    Random, not counted: a stamp that a rolled-back transaction had handed out must never come again.
    """
    tx.execute("UPDATE flows SET roster_stamp = ? WHERE log_id = ?", (_stamp(tx), log_id))


def _stamp(tx: Transaction) -> int:
    return int.from_bytes(tx.entropy(7), "big")
