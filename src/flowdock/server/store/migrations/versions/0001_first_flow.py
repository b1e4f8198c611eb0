"""Organizations, people, flows, logs with their events, threads, sources, tokens and the search index."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = (
    """
    CREATE TABLE logs (
        id {identity},
        last_number BIGINT NOT NULL DEFAULT 0,
        indexed_number BIGINT NOT NULL DEFAULT 0,
        last_message_number BIGINT,
        last_message_at BIGINT
    )
    """,
    """
    CREATE TABLE organizations (
        id {identity},
        parameterized_name TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        user_limit INTEGER NOT NULL DEFAULT 0,
        active INTEGER NOT NULL DEFAULT 1,
        created_at BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE users (
        id {identity},
        log_id BIGINT NOT NULL UNIQUE REFERENCES logs (id),
        nick TEXT NOT NULL,
        nick_folded TEXT NOT NULL UNIQUE,
        email TEXT NOT NULL,
        email_folded TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        website TEXT,
        avatar TEXT NOT NULL DEFAULT '',
        password_hash TEXT,
        disabled INTEGER NOT NULL DEFAULT 0,
        created_at BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE organization_users (
        organization_id BIGINT NOT NULL REFERENCES organizations (id),
        user_id BIGINT NOT NULL REFERENCES users (id),
        admin INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (organization_id, user_id)
    )
    """,
    "CREATE INDEX organizations_of_user ON organization_users (user_id)",
    """
    CREATE TABLE flows (
        log_id BIGINT NOT NULL PRIMARY KEY REFERENCES logs (id),
        id TEXT NOT NULL UNIQUE,
        organization_id BIGINT NOT NULL REFERENCES organizations (id),
        name TEXT NOT NULL,
        parameterized_name TEXT NOT NULL,
        description TEXT NOT NULL DEFAULT '',
        access_mode TEXT NOT NULL DEFAULT 'invitation',
        roster_stamp BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        UNIQUE (organization_id, parameterized_name)
    )
    """,
    """
    CREATE TABLE flow_users (
        log_id BIGINT NOT NULL REFERENCES flows (log_id),
        user_id BIGINT NOT NULL REFERENCES users (id),
        flow_admin INTEGER NOT NULL DEFAULT 0,
        in_flow INTEGER NOT NULL DEFAULT 1,
        open INTEGER NOT NULL DEFAULT 1,
        team_notifications INTEGER NOT NULL DEFAULT 0,
        status TEXT,
        last_activity BIGINT NOT NULL DEFAULT 0,
        last_ping BIGINT NOT NULL DEFAULT 0,
        PRIMARY KEY (log_id, user_id)
    )
    """,
    "CREATE INDEX flows_of_user ON flow_users (user_id)",
    """
    CREATE TABLE conversations (
        log_id BIGINT NOT NULL PRIMARY KEY REFERENCES logs (id),
        low_user BIGINT NOT NULL REFERENCES users (id),
        high_user BIGINT NOT NULL REFERENCES users (id),
        created_at BIGINT NOT NULL,
        UNIQUE (low_user, high_user)
    )
    """,
    "CREATE INDEX conversations_of_high_user ON conversations (high_user)",
    """
    CREATE TABLE tokens (
        digest {bytes} NOT NULL PRIMARY KEY,
        user_id BIGINT NOT NULL REFERENCES users (id),
        label TEXT NOT NULL,
        created_at BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE applications (
        id {identity},
        name TEXT NOT NULL UNIQUE,
        icon_url TEXT,
        created_at BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE sources (
        id {identity},
        log_id BIGINT NOT NULL REFERENCES flows (log_id),
        application_id BIGINT NOT NULL REFERENCES applications (id),
        name TEXT NOT NULL,
        external_url TEXT,
        creator BIGINT REFERENCES users (id),
        token_digest {bytes} NOT NULL UNIQUE,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        removed_at BIGINT
    )
    """,
    "CREATE INDEX sources_of_flow ON sources (log_id)",
    """
    CREATE TABLE threads (
        key BIGINT NOT NULL PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        log_id BIGINT NOT NULL REFERENCES logs (id),
        title TEXT NOT NULL,
        initial_message BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        source_id BIGINT REFERENCES sources (id),
        external_id TEXT,
        body TEXT,
        external_url TEXT,
        status TEXT,
        fields TEXT,
        actions TEXT,
        activities INTEGER NOT NULL DEFAULT 0,
        internal_comments INTEGER NOT NULL DEFAULT 0,
        external_comments INTEGER NOT NULL DEFAULT 0
    )
    """,
    "CREATE INDEX threads_by_update ON threads (log_id, updated_at)",
    "CREATE UNIQUE INDEX threads_of_source ON threads (source_id, external_id) WHERE external_id IS NOT NULL",
    """
    CREATE TABLE events (
        key BIGINT NOT NULL PRIMARY KEY,
        event TEXT NOT NULL,
        author BIGINT NOT NULL,
        thread_key BIGINT,
        refers_to BIGINT,
        message {bytes},
        frame {bytes}
    )
    """,
    "CREATE INDEX events_of_thread ON events (thread_key, key) WHERE thread_key IS NOT NULL",
    "CREATE INDEX events_about ON events (refers_to) WHERE refers_to IS NOT NULL",
    "CREATE INDEX rare_events ON events (event, key) WHERE message IS NOT NULL AND event <> 'message'",
    """
    CREATE TABLE idempotency (
        log_id BIGINT NOT NULL,
        owner BIGINT NOT NULL,
        uuid TEXT NOT NULL,
        number BIGINT NOT NULL,
        PRIMARY KEY (log_id, owner, uuid)
    ){clustered}
    """,
    "CREATE TABLE tags (tag TEXT NOT NULL, key BIGINT NOT NULL, PRIMARY KEY (tag, key)){clustered}",
)

SQLITE = {"identity": "INTEGER PRIMARY KEY AUTOINCREMENT", "bytes": "BLOB", "clustered": " WITHOUT ROWID"}
SQLITE_WORDS = (
    """
    CREATE VIRTUAL TABLE words USING fts5(
        text, content='', detail=none, columnsize=0, tokenize="ascii tokenchars '_'"
    )
    """,
)

POSTGRES = {
    "identity": "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
    "bytes": "BYTEA",
    "clustered": "",
}
POSTGRES_WORDS = (
    "CREATE TABLE words (key BIGINT NOT NULL PRIMARY KEY, lexemes TSVECTOR NOT NULL)",
    "CREATE INDEX words_by_lexeme ON words USING GIN (lexemes) WITH (gin_pending_list_limit = 256)",
    # The row of a log changes with every event: with room on its page it need not move, and no index has to follow.
    "ALTER TABLE logs SET (fillfactor = 50)",
)


def upgrade() -> None:
    """Create everything."""
    postgres = op.get_bind().dialect.name == "postgresql"
    for statement in TABLES:
        if postgres:
            # Texts are compared by code point, as SQLite does, whatever language the database was made for.
            op.execute(statement.format(**POSTGRES).replace(" TEXT", ' TEXT COLLATE "C"'))
        else:
            op.execute(statement.format(**SQLITE).replace("BIGINT NOT NULL PRIMARY KEY", "INTEGER PRIMARY KEY"))
    for statement in POSTGRES_WORDS if postgres else SQLITE_WORDS:
        op.execute(statement)


def downgrade() -> None:
    """There is nothing before this."""
    raise NotImplementedError("the first revision cannot be undone; remove the data folder instead")
