"""Words in SQLite: an FTS5 table without contents, so that to take a message out its old words are needed again."""

from collections.abc import Iterable, Sequence

from flowdock.server.store.transaction import Transaction


class Words:
    """The virtual table `words`."""

    key = "rowid"
    matching = "words MATCH ?"
    recent = 0
    by_index = "rowid"

    # FTS5 gathers all that begins so before it looks at the range of keys.
    beginnings_cost_all_logs = True

    def sought(self, log_id: int, words: Sequence[str], beginnings: Sequence[str] = ()) -> str:
        """All of these words, in any order. One log is told from another by the range of keys."""
        del log_id
        exact = [f'"{_plain(word)}"' for word in words]
        return " AND ".join([*exact, *map(_beginning, beginnings)]) if beginnings else " ".join(exact)

    def add(self, tx: Transaction, entries: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Let messages be found by words."""
        tx.execute_each(
            "INSERT INTO words (rowid, text) VALUES (?, ?)", [(key, _text(words)) for key, words in entries]
        )

    def discard(self, tx: Transaction, key: int, words: Sequence[str]) -> None:
        """Let a message be found no more."""
        tx.execute("INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)", (key, _text(words)))


def _text(words: Iterable[str]) -> str:
    joined = " ".join(words)
    return joined if joined.isascii() else " ".join(_plain(word) for word in joined.split(" "))


def _beginning(text: str) -> str:
    """What begins so, whether letters outside ASCII follow or not."""
    disguised = f'"_{text.encode().hex()}"*'
    return f'("{text}"* OR {disguised})' if text.isascii() else disguised


def _plain(word: str) -> str:
    """The word in ASCII: what counts as a letter is then Python's decision alone, not the database's."""
    return word if word.isascii() else f"_{word.encode().hex()}"
