"""A whole site from one database to another: from the embedded one to PostgreSQL and back, or from like to like."""
