"""Who is in which flow, and how each has it. Whoever changes it has locked the flow's log.

What is shown of people in a flow is asked for in `people.py`.
"""

from flowdock.server.store import flows
from flowdock.server.store.transaction import Transaction


def logs_of(tx: Transaction, user_id: int) -> list[int]:
    """The logs of the flows a user is in, ascending."""
    rows = tx.rows("SELECT log_id FROM flow_users WHERE user_id = ? AND in_flow = 1 ORDER BY log_id", (user_id,))
    return [int(row[0]) for row in rows]


def add(tx: Transaction, log_id: int, user_id: int, *, flow_admin: bool) -> None:
    """Put a user into a flow, again if they had left."""
    tx.execute(
        "INSERT INTO flow_users (log_id, user_id, flow_admin, in_flow, open) VALUES (?, ?, ?, 1, 1)"
        " ON CONFLICT (log_id, user_id) DO UPDATE SET in_flow = 1, open = 1, blocked = 0,"
        # Who left may have been an admin in the days when that was kept.
        " flow_admin = CASE WHEN flow_users.in_flow = 1 THEN flow_users.flow_admin ELSE excluded.flow_admin END",
        (log_id, user_id, int(flow_admin)),
    )
    flows.people_changed(tx, log_id)


def remove(tx: Transaction, log_id: int, user_id: int, *, blocked: bool) -> None:
    """Take a user out of a flow; who is blocked does not come back by themselves."""
    tx.execute(
        "UPDATE flow_users SET in_flow = 0, open = 0, flow_admin = 0, blocked = ? WHERE log_id = ? AND user_id = ?",
        (int(blocked), log_id, user_id),
    )
    flows.people_changed(tx, log_id)


def set_flow_admin(tx: Transaction, log_id: int, user_id: int, *, flow_admin: bool) -> None:
    """Whether a user administers a flow."""
    tx.execute(
        "UPDATE flow_users SET flow_admin = ? WHERE log_id = ? AND user_id = ?", (int(flow_admin), log_id, user_id)
    )


def set_open(tx: Transaction, log_id: int, user_id: int, *, is_open: bool) -> None:
    """Whether a user has a flow among those they look at."""
    tx.execute("UPDATE flow_users SET open = ? WHERE log_id = ? AND user_id = ?", (int(is_open), log_id, user_id))


def set_team_notifications(tx: Transaction, log_id: int, user_id: int, *, wanted: bool) -> None:
    """Whether `@team` means a user."""
    tx.execute(
        "UPDATE flow_users SET team_notifications = ? WHERE log_id = ? AND user_id = ?", (int(wanted), log_id, user_id)
    )
    flows.people_changed(tx, log_id)


def others(tx: Transaction, log_id: int, user_id: int) -> list[tuple[int, bool]]:
    """Who else is in a flow and not disabled, by id, and whether they are its admin."""
    rows = tx.rows(
        "SELECT m.user_id, m.flow_admin FROM flow_users m JOIN users u ON u.id = m.user_id"
        " WHERE m.log_id = ? AND m.user_id <> ? AND m.in_flow = 1 AND u.disabled = 0 ORDER BY m.user_id",
        (log_id, user_id),
    )
    return [(row[0], bool(row[1])) for row in rows]
