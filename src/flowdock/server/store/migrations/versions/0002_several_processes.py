"""What several processes need to know of each other: the site's secret, and whose streams an event ends."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the table and the column."""
    postgres = op.get_bind().dialect.name == "postgresql"
    op.execute(f"CREATE TABLE site (name TEXT NOT NULL PRIMARY KEY, value {'BYTEA' if postgres else 'BLOB'} NOT NULL)")
    op.execute("ALTER TABLE events ADD COLUMN expels BIGINT")


def downgrade() -> None:
    """Take both away again."""
    op.execute("ALTER TABLE events DROP COLUMN expels")
    op.execute("DROP TABLE site")
