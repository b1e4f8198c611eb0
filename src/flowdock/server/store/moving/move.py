"""Moving a site: tables in order, rows in the order of their keys, in transactions that also tell how far they went.

Whatever interrupts it, the same move begun again goes on where it was. Both databases stand still meanwhile; the one
that it comes from is only read, the one that it goes to cannot be served until everything in it was compared.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from flowdock.server.store.moving import copying, mark
from flowdock.server.store.moving.checking import Content, compared
from flowdock.server.store.moving.copying import BATCH_ROWS
from flowdock.server.store.moving.end import CannotMove, End
from flowdock.server.store.moving.indexing import Index, index_anew
from flowdock.server.store.moving.mark import Mark
from flowdock.server.store.moving.steps import Told
from flowdock.server.store.moving.tables import Table, tables
from flowdock.server.store.schema import UnusableDatabase
from flowdock.server.store.transaction import Transaction


@contextmanager
def moved(
    source: End, target: End, *, index: Index, told: Told = lambda _: None, batch_rows: int = BATCH_ROWS
) -> Generator[dict[str, Content]]:
    """What each table holds at both ends, once that is the same; when the block ends well, the target may be served.

    Inside nobody can write to the source, so that what is not in the database can be moved as well.

    Raises:
        CannotMove: it is not safe to begin, the ends differ, or a database failed; nothing is lost.
    """
    failures: tuple[type[Exception], ...] = (*source.errors, *target.errors, UnusableDatabase)
    try:
        with source, target:
            source.prepare_source()
            source.check_silence()
            all_tables = tables()
            with source.silence(all_tables) as tx:
                target.prepare_target()
                target.check_silence()
                so_far = _begun(source, tx, target, all_tables)
                for table in all_tables:
                    so_far = copying.copy(tx, target, table, so_far, told=told, batch_rows=batch_rows)
                _go_on_with_ids(source, tx, target, all_tables)
                index_anew(target, index, told=told)
                target.settle()
                yield _the_same(source, tx, target, all_tables, told)
                _finish(source, tx, target)
    except failures as error:
        raise _stopped(error) from error


def _begun(source: End, tx: Transaction, target: End, all_tables: Sequence[Table]) -> Mark:
    """How far an earlier attempt came; else the mark that goes into an empty database."""
    secret = source.secret(tx)
    site = mark.site_of(secret)
    with target.writing() as there:
        so_far = mark.find(there)
        if so_far is None:
            _check_empty(target, there, all_tables, site)
            so_far = Mark(site=site)
            mark.put(there, so_far)
        elif so_far.site != site:
            raise CannotMove(
                f"{target.name} holds a part of another site, the move of which was not finished; run that one to its"
                " end, or give an empty database"
            )
        target.adopt(there, secret)
    return so_far


def _check_empty(target: End, tx: Transaction, all_tables: Sequence[Table], site: bytes) -> None:
    for table in all_tables:
        if not table.is_empty(tx):
            whose = "this" if mark.site_of(target.secret(tx)) == site else "a"
            raise CannotMove(
                f"{target.name} holds {whose} site already: there is something in {table.name}; give an empty database"
            )


def _go_on_with_ids(source: End, tx: Transaction, target: End, all_tables: Sequence[Table]) -> None:
    counters = source.counters(tx, all_tables)
    with target.writing() as there:
        target.set_counters(there, counters)


def _the_same(source: End, tx: Transaction, target: End, all_tables: Sequence[Table], told: Told) -> dict[str, Content]:
    contents: dict[str, Content] = {}
    with target.reading() as there:
        for table in all_tables:
            one, other = compared(tx, there, table, told=told)
            if one != other:
                raise CannotMove(
                    f"{table.name} is not the same at both ends: {_told(one)} in {source.name}, {_told(other)} in"
                    f" {target.name}; somebody wrote to one of them since the move began: move again, into an empty"
                    " database"
                )
            contents[table.name] = one
    return contents


def _finish(source: End, tx: Transaction, target: End) -> None:
    """Let the target be served, unless somebody was at work who should not have been."""
    tx.one("SELECT 1")  # were its connection lost, others could have written
    source.check_silence()
    target.check_silence()
    target.finish()


def _told(content: Content) -> str:
    return f"{content.rows} rows with the checksum {content.checksum[:16]}…"


def _stopped(error: Exception) -> CannotMove:
    if isinstance(error, UnusableDatabase):
        return CannotMove(str(error))
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return CannotMove(f"the move stopped: {line}; run the same command again, and it goes on where it was")
