"""The embedded database: one file, one process, one thread that writes."""
