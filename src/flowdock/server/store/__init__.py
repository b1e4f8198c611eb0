"""SQL, and only here: the schema, queries by noun, search, and the way a transaction runs."""
