"""The history of the schema: Alembic runs the files in `versions` in order, on either database."""
