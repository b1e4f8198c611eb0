"""Fan-out: the live tail of each log, and the readers that follow it. A reader is a position, not a queue."""
