"""Words in PostgreSQL: a table of `tsvector`s, made of our own words without PostgreSQL's ideas of language.

Each lexeme carries its log, so that what is frequent elsewhere costs nothing here.
"""

from collections.abc import Sequence

from flowdock.server.store.keys import log_of
from flowdock.server.store.transaction import Transaction


class Words:
    """The table `words`."""

    key = "key"
    matching = "lexemes @@ ?::tsquery"
    # A word that many messages have is found among the newest; for one that few have, reading backwards would read all.
    recent = 1000
    by_index = "key + 0"

    beginnings_cost_all_logs = False

    def sought(self, log_id: int, words: Sequence[str], beginnings: Sequence[str] = ()) -> str:
        """All of these words, in any order."""
        exact = [_quoted(_lexeme(log_id, word)) for word in words]
        return " & ".join([*exact, *(f"{_quoted(_lexeme(log_id, text))}:*" for text in beginnings)])

    def add(self, tx: Transaction, entries: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Let messages be found by words."""
        # One statement with two arrays takes two thirds of the time of one for each message. Words have no blanks.
        tx.execute(
            "INSERT INTO words (key, lexemes) SELECT key, array_to_tsvector(string_to_array(text, ' '))"
            " FROM unnest(?::bigint[], ?::text[]) AS fresh (key, text)",
            (
                [key for key, _ in entries],
                [" ".join(_lexeme(log_of(key), word) for word in words) for key, words in entries],
            ),
        )

    def discard(self, tx: Transaction, key: int, words: Sequence[str]) -> None:
        """Let a message be found no more."""
        del words
        tx.execute("DELETE FROM words WHERE key = ?", (key,))


def _quoted(lexeme: str) -> str:
    """A lexeme in a query. It holds letters, digits and underscores; quoted all the same, as nothing promises that."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _lexeme(log_id: int, word: str) -> str:
    return f"{log_id}/{word}"
