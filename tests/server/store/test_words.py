"""What both databases find by words, whatever words these are."""

import pytest

from flowdock.server.domain.refusals import Refusal
from flowdock.server.domain.words import MOST_ASKED
from tests.server.stage import Stage


@pytest.mark.parametrize("letter", ["a", "ж", "𐐀"])
@pytest.mark.parametrize("length", [1023, 1024, 1025, 8000])
def test_words_that_differ_at_their_end_are_different(stage: Stage, letter: str, length: int) -> None:
    one, other = (stage.send(letter * length + end)["id"] for end in "xy")
    assert stage.found(search=f"{letter * length}x") == [one]
    assert stage.found(search=f"{letter * length}Y") == [other]
    assert stage.found(search=letter * length) == []


def test_a_search_may_have_so_many_words_and_no_more(stage: Stage) -> None:
    words = [f"w{number}" for number in range(MOST_ASKED + 1)]
    assert stage.found(search=" ".join(words[1:])) == []
    assert stage.found(search=" ".join(words[1:] * 2)) == []
    with pytest.raises(Refusal, match=rf"has {MOST_ASKED + 1} different words; it may have {MOST_ASKED}"):
        stage.found(search=" ".join(words))
