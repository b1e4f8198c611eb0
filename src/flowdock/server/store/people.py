"""Users: who they are, which organizations and flows they are in, and by which token they come."""

from collections.abc import Collection
from dataclasses import dataclass

from flowdock.server.store.keys import pieces
from flowdock.server.store.transaction import NotFound, Transaction

COLUMNS = "u.id, u.nick, u.email, u.avatar, u.name, u.website, u.disabled, u.log_id"
"""What a `User` is made from, of the table `users u`."""
_MEMBER_COLUMNS = (
    f"{COLUMNS}, m.flow_admin, m.in_flow, m.team_notifications, m.status, m.last_activity, m.last_ping, m.blocked"
)
_MEMBERS = "FROM flow_users m JOIN users u ON u.id = m.user_id"


@dataclass(frozen=True, slots=True)
class User:
    """A person. `log_id` is the log of what happens to them privately."""

    id: int
    nick: str
    email: str
    avatar: str
    name: str
    website: str | None
    disabled: bool
    log_id: int


@dataclass(frozen=True, slots=True)
class Membership:
    """A person in one flow, or who was. Times are milliseconds since 1970, 0 when never seen."""

    user: User
    flow_admin: bool
    in_flow: bool
    team_notifications: bool
    status: str | None
    last_activity: int
    last_ping: int
    blocked: bool


def create(tx: Transaction, *, log_id: int, nick: str, email: str, name: str, password_hash: str | None) -> int:
    """A new user's id."""
    row = tx.returned(
        "INSERT INTO users (log_id, nick, nick_folded, email, email_folded, name, password_hash, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (log_id, nick, nick.casefold(), email, email.casefold(), name, password_hash, tx.now),
    )
    return int(row[0])


def get(tx: Transaction, user_id: int) -> User:
    """A user by id; NotFound when there is none."""
    row = tx.one(f"SELECT {COLUMNS} FROM users u WHERE u.id = ?", (user_id,)) if may_exist(user_id) else None
    if row is None:
        raise NotFound
    return User(*row)


def enabled(tx: Transaction, user_ids: Collection[int]) -> set[int]:
    """Those of these users who are not disabled."""
    return {
        int(row[0])
        for some in pieces(user_ids)
        for row in tx.rows(f"SELECT id FROM users WHERE disabled = 0 AND id IN ({', '.join('?' for _ in some)})", some)
    }


def find_by_nick(tx: Transaction, nick: str) -> User | None:
    """A user by nick, case ignored."""
    row = tx.one(f"SELECT {COLUMNS} FROM users u WHERE u.nick_folded = ?", (nick.casefold(),))
    return None if row is None else User(*row)


def find_by_email(tx: Transaction, email: str) -> tuple[User, str | None] | None:
    """A user by e-mail address, with the hash of their password."""
    row = tx.one(f"SELECT {COLUMNS}, u.password_hash FROM users u WHERE u.email_folded = ?", (email.casefold(),))
    return None if row is None else (User(*row[:-1]), row[-1])


def visible_to(tx: Transaction, user_id: int) -> list[User]:
    """Everyone a user may know of, themselves first.

    Those who share a flow, and all of an organization that the user administers.
    """
    rows = tx.rows(
        f"SELECT {COLUMNS} FROM users u WHERE u.id = ?"
        " OR u.id IN (SELECT theirs.user_id FROM flow_users mine JOIN flow_users theirs ON theirs.log_id = mine.log_id"
        "  WHERE mine.user_id = ? AND mine.in_flow = 1)"
        " OR u.id IN (SELECT theirs.user_id FROM organization_users mine JOIN organization_users theirs"
        "  ON theirs.organization_id = mine.organization_id WHERE mine.user_id = ? AND mine.admin = 1)"
        " ORDER BY CASE WHEN u.id = ? THEN 0 ELSE u.id END",
        (user_id, user_id, user_id, user_id),
    )
    return [User(*row) for row in rows]


def sees(tx: Transaction, viewer: int, user_id: int) -> bool:
    """Whether a user may know of another."""
    if not may_exist(user_id):
        return False
    row = tx.one(
        "SELECT 1 WHERE ? = ?"
        " OR EXISTS (SELECT 1 FROM flow_users mine JOIN flow_users theirs ON theirs.log_id = mine.log_id"
        "  WHERE mine.user_id = ? AND mine.in_flow = 1 AND theirs.user_id = ?)"
        " OR EXISTS (SELECT 1 FROM organization_users mine JOIN organization_users theirs"
        "  ON theirs.organization_id = mine.organization_id WHERE mine.user_id = ? AND theirs.user_id = ?)",
        (viewer, user_id, viewer, user_id, viewer, user_id),
    )
    return row is not None


def add_to_organization(tx: Transaction, organization_id: int, user_id: int, *, admin: bool) -> None:
    """Make a user one of an organization."""
    tx.execute(
        "INSERT INTO organization_users (organization_id, user_id, admin) VALUES (?, ?, ?)"
        " ON CONFLICT (organization_id, user_id) DO UPDATE SET admin = excluded.admin",
        (organization_id, user_id, int(admin)),
    )


def add_to_organization_once(tx: Transaction, organization_id: int, user_id: int) -> None:
    """Make a user one of an organization, if they are not yet."""
    tx.execute(
        "INSERT INTO organization_users (organization_id, user_id, admin) VALUES (?, ?, 0) ON CONFLICT DO NOTHING",
        (organization_id, user_id),
    )


def members(tx: Transaction, log_id: int) -> list[Membership]:
    """Everyone who is or was in a flow, by user id."""
    rows = tx.rows(f"SELECT {_MEMBER_COLUMNS} {_MEMBERS} WHERE m.log_id = ? ORDER BY u.id", (log_id,))
    return [Membership(User(*row[:8]), *row[8:]) for row in rows]


def find_member(tx: Transaction, log_id: int, user_id: int) -> Membership | None:
    """A person who is or was in a flow."""
    if not may_exist(user_id):
        return None
    row = tx.one(f"SELECT {_MEMBER_COLUMNS} {_MEMBERS} WHERE m.log_id = ? AND m.user_id = ?", (log_id, user_id))
    return None if row is None else Membership(User(*row[:8]), *row[8:])


def update(
    tx: Transaction,
    user_id: int,
    *,
    nick: str | None = None,
    email: str | None = None,
    name: str | None = None,
    website: str | None = None,
    avatar: str | None = None,
    password_hash: str | None = None,
    mail_notices: bool | None = None,
) -> None:
    """Change what is given of a person; None stays, an empty website is taken away."""
    tx.execute(
        "UPDATE users SET nick = COALESCE(?, nick), nick_folded = COALESCE(?, nick_folded),"
        " email = COALESCE(?, email), email_folded = COALESCE(?, email_folded), name = COALESCE(?, name),"
        " website = NULLIF(COALESCE(?, website), ''), avatar = COALESCE(?, avatar),"
        " password_hash = COALESCE(?, password_hash), mail_notices = COALESCE(?, mail_notices), updated_at = ?"
        " WHERE id = ?",
        (
            nick,
            None if nick is None else nick.casefold(),
            email,
            None if email is None else email.casefold(),
            name,
            website,
            avatar,
            password_hash,
            None if mail_notices is None else int(mail_notices),
            tx.now,
            user_id,
        ),
    )


def lock(tx: Transaction, user_id: int) -> None:
    """Let nobody else change a person until the commit."""
    tx.lock("SELECT 1 FROM users WHERE id = ?", (user_id,))


def password_hash(tx: Transaction, user_id: int) -> str | None:
    """The hash of a person's password, None where there is none."""
    row = tx.one("SELECT password_hash FROM users WHERE id = ?", (user_id,))
    return None if row is None else row[0]


def set_status(tx: Transaction, log_id: int, user_id: int, status: str) -> None:
    """A user's status text in a flow."""
    tx.execute("UPDATE flow_users SET status = ? WHERE log_id = ? AND user_id = ?", (status, log_id, user_id))


def seen(tx: Transaction, user_id: int, *, active: bool) -> None:
    """Remember in each flow of a user that they are connected, and whether they are doing something."""
    tx.execute(
        "UPDATE flow_users SET last_ping = ?, last_activity = CASE WHEN ? = 1 THEN ? ELSE last_activity END"
        " WHERE user_id = ? AND in_flow = 1",
        (tx.now, int(active), tx.now, user_id),
    )


def last_seen_with(tx: Transaction, user_id: int) -> dict[int, tuple[int, int]]:
    """Of everybody who is in a flow together with a user, themselves included: last ping and last activity."""
    rows = tx.rows(
        "SELECT theirs.user_id, max(theirs.last_ping), max(theirs.last_activity)"
        " FROM flow_users mine JOIN flow_users theirs ON theirs.log_id = mine.log_id AND theirs.in_flow = 1"
        " WHERE mine.user_id = ? AND mine.in_flow = 1 GROUP BY theirs.user_id",
        (user_id,),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def may_exist(user_id: int) -> bool:
    """Whether anybody can have this id: databases refuse to compare with numbers beyond 64 bits."""
    return 0 < user_id < 1 << 63
