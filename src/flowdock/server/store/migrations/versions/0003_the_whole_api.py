"""The whole API: archived and joinable flows, applications and their grants, invitations, hooks, mail, provisioning."""

from alembic import op

revision = "0003"
down_revision = "0002"

COLUMNS = (
    "flows ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0",
    # Below zero there is no join link; the number remembers which there were, so that none comes again.
    "flows ADD COLUMN join_generation INTEGER NOT NULL DEFAULT 0",
    "flows ADD COLUMN join_digest {bytes}",
    "flows ADD COLUMN api_token_generation INTEGER NOT NULL DEFAULT 0",
    "flows ADD COLUMN api_token_digest {bytes}",
    "flow_users ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0",
    "conversations ADD COLUMN low_open INTEGER NOT NULL DEFAULT 1",
    "conversations ADD COLUMN high_open INTEGER NOT NULL DEFAULT 1",
    "users ADD COLUMN mail_notices INTEGER NOT NULL DEFAULT 1",
    "users ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0",
    "organizations ADD COLUMN scim_uid TEXT",
    "organizations ADD COLUMN scim_digest {bytes}",
    # The provisioner's own id of a person.
    "organization_users ADD COLUMN external_id TEXT",
    # What the provisioner calls them.
    "organization_users ADD COLUMN user_name TEXT",
    "sources ADD COLUMN error_message TEXT NOT NULL DEFAULT ''",
    "sources ADD COLUMN configuration_url TEXT",
)

APPLICATION_COLUMNS = (
    "owner BIGINT REFERENCES users (id)",
    # None for one that no developer made: it has no client secret.
    "client_id TEXT",
    "secret_generation INTEGER NOT NULL DEFAULT 0",
    # 0 for one that cannot keep its secret, such as a program on people's own machines.
    "confidential INTEGER NOT NULL DEFAULT 1",
    "redirect_uri TEXT",
    "setup_uri TEXT",
    "removed_at BIGINT",
)
SQLITE_APPLICATIONS = (
    """
    CREATE TABLE new_applications (
        id {identity},
        name TEXT NOT NULL,
        icon_url TEXT,
        created_at BIGINT NOT NULL,
        {columns}
    )
    """,
    """
    INSERT INTO new_applications (id, name, icon_url, created_at)
    SELECT id, name, icon_url, created_at FROM applications
    """,
    "DROP TABLE applications",
    "ALTER TABLE new_applications RENAME TO applications",
)
"""SQLite cannot take the uniqueness of a name away, so the table is made anew."""

TABLES = (
    # Who said what, for a search by author.
    "CREATE INDEX events_of_author ON events (author, key) WHERE message IS NOT NULL",
    "CREATE UNIQUE INDEX flows_by_api_token ON flows (api_token_digest) WHERE api_token_digest IS NOT NULL",
    "CREATE UNIQUE INDEX flows_by_join_link ON flows (join_digest) WHERE join_digest IS NOT NULL",
    "CREATE UNIQUE INDEX organizations_by_scim ON organizations (scim_uid) WHERE scim_uid IS NOT NULL",
    "CREATE UNIQUE INDEX applications_by_client ON applications (client_id) WHERE client_id IS NOT NULL",
    # Of those that no developer made, each name is one.
    "CREATE UNIQUE INDEX applications_by_name ON applications (name) WHERE client_id IS NULL",
    "CREATE INDEX applications_of_owner ON applications (owner) WHERE owner IS NOT NULL",
    # What an application may do for a person; its tokens end with it.
    """
    CREATE TABLE grants (
        id {identity},
        application_id BIGINT NOT NULL REFERENCES applications (id),
        user_id BIGINT NOT NULL REFERENCES users (id),
        scopes TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        revoked_at BIGINT
    )
    """,
    "CREATE INDEX grants_of_user ON grants (user_id)",
    "CREATE INDEX grants_of_application ON grants (application_id)",
    # A used code or refresh token stays, so that whoever comes with it again is known for a thief.
    """
    CREATE TABLE codes (
        digest {bytes} NOT NULL PRIMARY KEY,
        grant_id BIGINT NOT NULL REFERENCES grants (id),
        redirect_uri TEXT,
        challenge TEXT,
        challenge_method TEXT,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        used_at BIGINT
    )
    """,
    """
    CREATE TABLE refresh_tokens (
        digest {bytes} NOT NULL PRIMARY KEY,
        grant_id BIGINT NOT NULL REFERENCES grants (id),
        created_at BIGINT NOT NULL,
        used_at BIGINT
    )
    """,
    "CREATE INDEX refresh_tokens_of_grant ON refresh_tokens (grant_id)",
    # `kind` is personal, oauth, session or reset; scopes are NULL for everything, else words with blanks between.
    """
    CREATE TABLE new_tokens (
        id {identity},
        digest {bytes} NOT NULL UNIQUE,
        user_id BIGINT NOT NULL REFERENCES users (id),
        kind TEXT NOT NULL DEFAULT 'personal',
        label TEXT NOT NULL,
        scopes TEXT,
        grant_id BIGINT REFERENCES grants (id),
        created_at BIGINT NOT NULL,
        expires_at BIGINT,
        last_used_at BIGINT
    )
    """,
    "INSERT INTO new_tokens (digest, user_id, label, created_at) SELECT digest, user_id, label, created_at FROM tokens",
    "DROP TABLE tokens",
    "ALTER TABLE new_tokens RENAME TO tokens",
    "CREATE INDEX tokens_of_user ON tokens (user_id)",
    "CREATE INDEX tokens_of_grant ON tokens (grant_id) WHERE grant_id IS NOT NULL",
    """
    CREATE TABLE invitations (
        id {identity},
        log_id BIGINT NOT NULL REFERENCES flows (log_id),
        email TEXT NOT NULL,
        email_folded TEXT NOT NULL,
        message TEXT NOT NULL DEFAULT '',
        digest {bytes} NOT NULL UNIQUE,
        inviter BIGINT NOT NULL REFERENCES users (id),
        created_at BIGINT NOT NULL,
        accepted_at BIGINT,
        accepted_by BIGINT REFERENCES users (id)
    )
    """,
    "CREATE INDEX invitations_of_flow ON invitations (log_id, email_folded)",
    """
    CREATE TABLE emoji (
        organization_id BIGINT NOT NULL REFERENCES organizations (id),
        name TEXT NOT NULL,
        digest TEXT NOT NULL,
        content_type TEXT NOT NULL,
        image {bytes} NOT NULL,
        creator BIGINT NOT NULL REFERENCES users (id),
        created_at BIGINT NOT NULL,
        PRIMARY KEY (organization_id, name)
    )
    """,
    "CREATE INDEX emoji_by_image ON emoji (digest)",
    # A webhook is a position in the log of its flow; what lies behind it became deliveries.
    """
    CREATE TABLE webhooks (
        id {identity},
        log_id BIGINT NOT NULL REFERENCES flows (log_id),
        url TEXT NOT NULL,
        events TEXT NOT NULL DEFAULT '',
        secret {bytes} NOT NULL,
        active INTEGER NOT NULL DEFAULT 1,
        position BIGINT NOT NULL,
        -- Until this moment somebody tells it something.
        busy_until BIGINT NOT NULL DEFAULT 0,
        creator BIGINT REFERENCES users (id),
        created_at BIGINT NOT NULL
    )
    """,
    "CREATE INDEX webhooks_of_flow ON webhooks (log_id)",
    """
    CREATE TABLE deliveries (
        id {identity},
        webhook_id BIGINT NOT NULL REFERENCES webhooks (id),
        number BIGINT NOT NULL,
        event TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        attempts INTEGER NOT NULL DEFAULT 0,
        status INTEGER,
        error TEXT,
        created_at BIGINT NOT NULL,
        attempted_at BIGINT,
        next_attempt_at BIGINT
    )
    """,
    "CREATE INDEX deliveries_of_webhook ON deliveries (webhook_id, id)",
    "CREATE INDEX deliveries_due ON deliveries (webhook_id, next_attempt_at, id) WHERE next_attempt_at IS NOT NULL",
    # Mail that is to leave; it goes once it is sent.
    """
    CREATE TABLE outbox (
        id {identity},
        kind TEXT NOT NULL,
        recipient TEXT NOT NULL,
        subject TEXT NOT NULL,
        body TEXT NOT NULL,
        message_id TEXT NOT NULL,
        -- Where answers go, if not to whoever sends it.
        reply_to TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        error TEXT,
        created_at BIGINT NOT NULL,
        next_attempt_at BIGINT
    )
    """,
    "CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE next_attempt_at IS NOT NULL",
    # What waits for somebody, and when they are told by mail, unless they have read it by then.
    """
    CREATE TABLE notices (
        user_id BIGINT NOT NULL,
        key BIGINT NOT NULL,
        log_id BIGINT NOT NULL,
        due_at BIGINT NOT NULL,
        PRIMARY KEY (user_id, key)
    ){clustered}
    """,
    "CREATE INDEX notices_due ON notices (due_at)",
    # Which thread a mail belongs to, so that answers to it join that thread.
    """
    CREATE TABLE mails (
        log_id BIGINT NOT NULL REFERENCES flows (log_id),
        message_id TEXT NOT NULL,
        thread_key BIGINT NOT NULL,
        number BIGINT NOT NULL,
        PRIMARY KEY (log_id, message_id)
    ){clustered}
    """,
)

SQLITE = {"identity": "INTEGER PRIMARY KEY AUTOINCREMENT", "bytes": "BLOB", "clustered": " WITHOUT ROWID"}
POSTGRES = {"identity": "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "bytes": "BYTEA", "clustered": ""}


def upgrade() -> None:
    """Add everything."""
    postgres = op.get_bind().dialect.name == "postgresql"
    words = POSTGRES if postgres else SQLITE
    columns = [f"ALTER TABLE {column}" for column in COLUMNS]
    if postgres:
        columns += ["ALTER TABLE applications DROP CONSTRAINT applications_name_key"]
        columns += [f"ALTER TABLE applications ADD COLUMN {column}" for column in APPLICATION_COLUMNS]
    else:
        columns += [one.replace("{columns}", ", ".join(APPLICATION_COLUMNS)) for one in SQLITE_APPLICATIONS]
    for statement in (*columns, *TABLES):
        text = statement.format(**words)
        # Texts are compared by code point, as SQLite does, whatever language the database was made for.
        op.execute(text.replace(" TEXT", ' TEXT COLLATE "C"') if postgres else text)


def downgrade() -> None:
    """There is no way back: what tokens and applications may do would be forgotten."""
    raise NotImplementedError("revision 0003 cannot be undone; restore a backup instead")
