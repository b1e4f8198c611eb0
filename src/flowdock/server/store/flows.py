"""Flows, and what one person may do in each.

Whoever finds a flow in a write keeps others from writing to it, so that all that is decided after stays true.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flowdock.server.store import logs
from flowdock.server.store.transaction import NotFound, Transaction

_COLUMNS = (
    "f.log_id, f.id, f.name, f.parameterized_name, f.description, f.access_mode, f.disabled, f.roster_stamp,"
    " f.join_generation, f.api_token_generation, o.id, o.name, o.parameterized_name,"
    " COALESCE(m.in_flow, 0), COALESCE(m.blocked, 0), COALESCE(m.flow_admin, 0), COALESCE(m.open, 0),"
    " COALESCE(m.team_notifications, 0), COALESCE(c.admin, -1)"
)
_FOR_PERSON = (
    "FROM flows f JOIN organizations o ON o.id = f.organization_id"
    " LEFT JOIN flow_users m ON m.log_id = f.log_id AND m.user_id = ?"
    " LEFT JOIN organization_users c ON c.organization_id = f.organization_id AND c.user_id = ?"
)


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow as one person meets it, in it or not. `roster_stamp` changes whenever its people do.

    `join_generation` counts how often the join link was renewed; below zero there is none. `is_admin` is that of the
    organization: 1 for its admins, 0 for others of it, -1 for everybody else.
    """

    log_id: int
    id: str
    name: str
    parameterized_name: str
    description: str
    access_mode: str
    disabled: bool
    roster_stamp: int
    join_generation: int
    api_token_generation: int
    organization_id: int
    organization_name: str
    organization: str
    in_flow: bool
    blocked: bool
    flow_admin: bool
    open: bool
    team_notifications: bool
    is_admin: int


@dataclass(frozen=True, slots=True)
class LastMessage:
    """Number and moment of a log's newest message, None where there is none yet."""

    number: int | None
    moment: int | None


def get(tx: Transaction, user_id: int, organization: str, flow: str) -> Flow:
    """A flow by its two names, as a user meets it; NotFound when there is none."""
    tx.lock(
        "SELECT 1 FROM logs WHERE id = (SELECT f.log_id FROM flows f JOIN organizations o ON o.id = f.organization_id"
        " WHERE f.parameterized_name = ? AND o.parameterized_name = ?)",
        (flow, organization),
    )
    row = tx.one(
        f"SELECT {_COLUMNS} {_FOR_PERSON} WHERE f.parameterized_name = ? AND o.parameterized_name = ?",
        (user_id, user_id, flow, organization),
    )
    if row is None:
        raise NotFound
    return Flow(*row)


def get_by_id(tx: Transaction, user_id: int, flow_id: str) -> Flow:
    """A flow by its id, or as `org/flow` or `org:flow`, as a user meets it; NotFound when there is none."""
    tx.lock("SELECT 1 FROM logs WHERE id = (SELECT log_id FROM flows WHERE id = ?)", (flow_id,))
    row = tx.one(f"SELECT {_COLUMNS} {_FOR_PERSON} WHERE f.id = ?", (user_id, user_id, flow_id))
    if row is not None:
        return Flow(*row)
    names = re.split(r"[/:]", flow_id)
    if len(names) != 2:
        raise NotFound
    return get(tx, user_id, *names)


def get_by_log(tx: Transaction, user_id: int, log_id: int) -> Flow:
    """A flow by its log, as a user meets it; NotFound when there is none."""
    logs.lock(tx, log_id)
    row = tx.one(f"SELECT {_COLUMNS} {_FOR_PERSON} WHERE f.log_id = ?", (user_id, user_id, log_id))
    if row is None:
        raise NotFound
    return Flow(*row)


def find_by_api_token(tx: Transaction, digest: bytes) -> int | None:
    """The log of the flow whose token for the Push API this is."""
    row = tx.one("SELECT log_id FROM flows WHERE api_token_digest = ?", (digest,))
    return None if row is None else int(row[0])


def named(tx: Transaction, organization_id: int, parameterized_name: str) -> int | None:
    """The log of the flow of this name in an organization."""
    row = tx.one(
        "SELECT log_id FROM flows WHERE organization_id = ? AND parameterized_name = ?",
        (organization_id, parameterized_name),
    )
    return None if row is None else int(row[0])


def log_of_join_link(tx: Transaction, digest: bytes) -> int | None:
    """The log of the flow whose join link has a key of this digest."""
    row = tx.one("SELECT log_id FROM flows WHERE join_digest = ?", (digest,))
    return None if row is None else int(row[0])


def of_user(tx: Transaction, user_id: int) -> list[Flow]:
    """The flows a user is in, by organization and name."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} {_FOR_PERSON} WHERE m.in_flow = 1 ORDER BY o.name, f.name, f.log_id", (user_id, user_id)
    )
    return [Flow(*row) for row in rows]


def open_to(tx: Transaction, user_id: int) -> list[Flow]:
    """The flows a user is in or may join by themselves, by organization and name."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} {_FOR_PERSON} WHERE m.in_flow = 1"
        " OR (c.user_id IS NOT NULL AND f.access_mode = 'organization' AND f.disabled = 0"
        "  AND COALESCE(m.blocked, 0) = 0)"
        " ORDER BY o.name, f.name, f.log_id",
        (user_id, user_id),
    )
    return [Flow(*row) for row in rows]


def logs_of_organization(tx: Transaction, organization_id: int) -> list[int]:
    """The logs of an organization's flows, ascending."""
    rows = tx.rows("SELECT log_id FROM flows WHERE organization_id = ? ORDER BY log_id", (organization_id,))
    return [int(row[0]) for row in rows]


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


def last_messages(tx: Transaction, log_ids: Sequence[int]) -> dict[int, LastMessage]:
    """The newest message of each of these logs."""
    marks = ", ".join("?" for _ in log_ids)
    sql = f"SELECT id, last_message_number, last_message_at FROM logs WHERE id IN ({marks})"
    return {row[0]: LastMessage(row[1], row[2]) for row in tx.rows(sql, log_ids)} if log_ids else {}


def create(
    tx: Transaction,
    *,
    log_id: int,
    id: str,
    organization_id: int,
    name: str,
    parameterized_name: str,
    description: str = "",
    access_mode: str = "invitation",
    api_token_digest: bytes,
    join_digest: bytes,
) -> None:
    """Store a new flow without people."""
    tx.execute(
        "INSERT INTO flows (log_id, id, organization_id, name, parameterized_name, description, access_mode,"
        " roster_stamp, api_token_digest, join_digest, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            log_id,
            id,
            organization_id,
            name,
            parameterized_name,
            description,
            access_mode,
            _stamp(tx),
            api_token_digest,
            join_digest,
            tx.now,
        ),
    )


def update(
    tx: Transaction,
    log_id: int,
    *,
    name: str | None = None,
    description: str | None = None,
    access_mode: str | None = None,
    disabled: bool | None = None,
) -> None:
    """Change what is given of a flow; None stays."""
    tx.execute(
        "UPDATE flows SET name = COALESCE(?, name), description = COALESCE(?, description),"
        " access_mode = COALESCE(?, access_mode), disabled = COALESCE(?, disabled) WHERE log_id = ?",
        (name, description, access_mode, None if disabled is None else int(disabled), log_id),
    )


def set_join_link(tx: Transaction, log_id: int, generation: int, digest: bytes | None) -> None:
    """The join link of a flow; without a digest there is none, and the generation is below zero."""
    tx.execute("UPDATE flows SET join_generation = ?, join_digest = ? WHERE log_id = ?", (generation, digest, log_id))


def set_api_token(tx: Transaction, log_id: int, generation: int, digest: bytes) -> None:
    """The token of a flow for the Push API."""
    tx.execute(
        "UPDATE flows SET api_token_generation = ?, api_token_digest = ? WHERE log_id = ?",
        (generation, digest, log_id),
    )


def without_digests(tx: Transaction, *, limit: int) -> list[tuple[int, str, int, int]]:
    """Flows from before digests were stored: log, id, generations of the join link and of the Push API's token."""
    rows = tx.rows(
        "SELECT log_id, id, join_generation, api_token_generation FROM flows WHERE api_token_digest IS NULL"
        " ORDER BY log_id LIMIT ?",
        (limit,),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def people_changed(tx: Transaction, log_id: int) -> None:
    """Give the flow a new stamp, so that nobody uses a roster read before.

    Random, not counted: a stamp that a rolled-back transaction had handed out must never come again.
    """
    tx.execute("UPDATE flows SET roster_stamp = ? WHERE log_id = ?", (_stamp(tx), log_id))


def _stamp(tx: Transaction) -> int:
    return int.from_bytes(tx.entropy(7), "big")
