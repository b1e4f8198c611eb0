"""Comparing both ends of a move: how many rows each table has, and a sum of what is in them.

Each row is encoded in one way, whatever driver it came through, and hashed by SHA-256; the sum of the digests, modulo
2²⁵⁶, is that of the table. So it does not depend on the order, which for texts with U+0000 differs between databases.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from flowdock.server.store.moving.steps import Step, Told
from flowdock.server.store.moving.tables import Table
from flowdock.server.store.transaction import Transaction

TOLD_EACH_ROWS = 10_000
_MODULUS = 1 << 256

_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds at one end: so many rows, with this sum as 64 hexadecimal digits."""

    rows: int
    checksum: str


def compared(source: Transaction, target: Transaction, table: Table, *, told: Told) -> tuple[Content, Content]:
    """What a table holds at the source and at the target, each as its own driver tells it."""
    total = 2 * table.count(source)
    here = content_of(source, table, told=lambda rows: told(Step("comparing", table.name, rows, total)))
    there = content_of(target, table, told=lambda rows: told(Step("comparing", table.name, here.rows + rows, total)))
    told(Step("comparing", table.name, total, total))
    return here, there


def content_of(tx: Transaction, table: Table, *, told: Callable[[int], object] = lambda _: None) -> Content:
    """What a table holds; `told` hears now and then how many rows were read."""
    total = count = 0
    for count, row in enumerate(table.rows(tx), start=1):
        total += int.from_bytes(sha256(_encode(row)).digest())
        if count % TOLD_EACH_ROWS == 0:
            told(count)
    return Content(count, f"{total % _MODULUS:064x}")
