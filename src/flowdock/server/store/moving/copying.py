"""Copying tables, row by row in batches, each with the mark that tells of it."""

from collections.abc import Iterator
from itertools import islice

from flowdock.server.store.moving import mark
from flowdock.server.store.moving.end import End
from flowdock.server.store.moving.mark import Mark
from flowdock.server.store.moving.steps import Step, Told
from flowdock.server.store.moving.tables import Table
from flowdock.server.store.transaction import Row, Transaction

BATCH_ROWS = 10_000
"""Of one transaction. Measured: with fewer the commits are felt, with more nothing is gained."""


def copy(
    source: Transaction, target: End, table: Table, so_far: Mark, *, told: Told, batch_rows: int = BATCH_ROWS
) -> Mark:
    """Copy what is not there yet of a table; how far the move has come with that."""
    if table.name in so_far.done:
        return so_far
    so_far = so_far.at(table.name)
    total = table.count(source)
    rows = table.rows(source, after=so_far.after or None)
    while table.name not in so_far.done:
        told(Step("copying", table.name, so_far.rows, total))
        so_far = _copy_batch(table, rows, target, so_far, batch_rows)
    told(Step("copying", table.name, total, total))
    return so_far


def _copy_batch(table: Table, rows: Iterator[Row], target: End, so_far: Mark, batch_rows: int) -> Mark:
    batch = _Counted(islice(rows, batch_rows))
    with target.writing() as tx:
        target.add(tx, table, batch)
        if batch.count == batch_rows:
            further = so_far.further(rows=batch.count, after=table.key_of(batch.last))
        else:
            further = so_far.finished()
        mark.put(tx, further)
    return further


class _Counted:
    """Rows that are counted while somebody takes them; `last` is the one that was taken last."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self.count = 0
        self.last: Row = ()
        self._rows = rows

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.count += 1
            self.last = row
            yield row
