"""Sites on either database, to be moved: made, filled, looked at."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from flowdock.server.actions import indexing, sending
from flowdock.server.settings import Settings
from flowdock.server.store.moving.checking import Content
from flowdock.server.store.moving.end import End
from flowdock.server.store.moving.move import moved
from flowdock.server.store.moving.postgres import PostgresEnd
from flowdock.server.store.moving.sqlite import SqliteEnd
from flowdock.server.store.moving.steps import Step
from flowdock.server.store.moving.tables import tables
from flowdock.server.store.transaction import Row, Transaction
from tests.server.stage import Stage

TEXTS = ("hello", "\0", "a\0b\0", "\U0010ffff", "\U0010ffff0\U0010ffff1", "☃ 東京 #tag", "x" * 2000)
"""Among them what PostgreSQL keeps only in disguise."""


all_tables = cache(tables)


@dataclass(frozen=True)
class Place:
    """A database that holds a site or is about to."""

    settings: Settings

    @property
    def end(self) -> End:
        url = self.settings.database_url
        if url is None:
            return SqliteEnd(self.settings.database, self.settings)
        return PostgresEnd(url, "the big one")

    def content(self) -> dict[str, list[Row]]:
        """All rows that are moved, by table."""
        with self.end as end, end.reading() as tx:
            return {table.name: sorted(table.rows(tx), key=repr) for table in all_tables()}

    def secret(self) -> bytes:
        """The site's secret."""
        with self.end as end, end.reading() as tx:
            return end.secret(tx)

    def read(self, read: Callable[[Transaction], Any]) -> Any:
        """What a read gives."""
        with self.end as end, end.reading() as tx:
            return read(tx)

    def write(self, *statements: str) -> None:
        """Change something behind everybody's back."""
        with self.end as end, end.writing() as tx:
            for statement in statements:
                tx.execute(statement)


class Places:
    """Gives out empty databases by kind: `sqlite`, `postgresql`."""

    def __init__(self, folder: Path, fresh_postgres: Callable[[], str]) -> None:
        self._folder = folder
        self._fresh_postgres = fresh_postgres
        self._made = 0

    def fresh(self, kind: str) -> Place:
        self._made += 1
        url = self._fresh_postgres() if kind == "postgresql" else None
        settings = Settings(data=self._folder / f"{self._made}", public_url="http://flowdock.example", database_url=url)
        settings.prepare()
        return Place(settings)

    def filled(self, kind: str, *, messages: int = 12) -> Place:
        """One with a small site that nobody serves."""
        place = self.fresh(kind)
        stage = Stage(place.settings.data, place.settings.database_url)
        for number in range(messages):
            stage.send(f"needle {number} {TEXTS[number % len(TEXTS)]}", tags=["tag"], uuid=f"{number}\0")
        stage.act(stage.alice, sending.send_privately, user_id=stage.bob.user_id, event="message", content="psst")
        for (log_id,) in stage.read(lambda tx: tx.rows("SELECT id FROM logs")):
            stage.write(partial(indexing.catch_up, log_id=log_id))
        stage.close()
        return place

    def of_rows(self, kind: str, rows: Iterable[tuple[str, Sequence[Any]]]) -> Place:
        """One with just these rows of these tables: of each the first columns, the others as they are by default."""
        place, by_name = self.fresh(kind), {table.name: table for table in all_tables()}
        with place.end as end:
            end.prepare_target()
            for name, row in rows:
                table = by_name[name]
                with end.writing() as tx:
                    end.add(tx, replace(table, columns=table.columns[: len(row)]), [tuple(row)])
        return place


def move(
    source: Place,
    target: Place,
    *,
    told: Callable[[Step], object] = lambda _: None,
    batch_rows: int = 5,
    index: Callable[[Transaction, int], bool] = indexing.advance,
) -> dict[str, Content]:
    """Move a site in small batches."""
    with moved(source.end, target.end, index=index, told=told, batch_rows=batch_rows) as contents:
        return contents


class Interrupted(Exception):
    """What a test raises in the middle of a move."""


def interrupt_after(steps: int) -> Callable[[Step], None]:
    """What raises when it was told so many steps."""
    left = steps

    def count(_: Step) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Interrupted

    return count
