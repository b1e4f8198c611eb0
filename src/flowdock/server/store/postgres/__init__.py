"""PostgreSQL: one database for many processes, in which the row of a log orders what is written to it."""
