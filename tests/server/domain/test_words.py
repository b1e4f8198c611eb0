import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.server.domain.words import words_asked, words_of


@pytest.mark.parametrize(
    "text, words",
    [
        ("", []),
        ("?! …", []),
        ("Hello, hello world", ["hello", "hello", "world"]),
        ("snake_case kebab-case", ["snake_case", "kebab", "case"]),
        ("don't", ["don", "t"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("ÉTÉ été", ["été", "été"]),
        ("v1.2 42", ["v1", "2", "42"]),
        ("ПРИВЕТ", ["привет"]),
        ("日本語", ["日", "本", "語", "日本", "本語"]),
        ("abc日本", ["abc", "日", "本", "日本"]),
    ],
)
def test_the_words_of_a_text(text: str, words: list[str]) -> None:
    assert sorted(words_of(text)) == sorted(words)


@pytest.mark.parametrize(
    "asked, text, found",
    [
        ("keyword", "the keyword.", True),
        ("keyword", "keywords", False),
        ("KEYWORD", "keyword", True),
        ("two words", "words come in two", True),
        ("two words", "two", False),
        ("本", "日本語", True),
        ("日本", "日本語", True),
        ("本日", "日本語", False),
        ("日本語", "日本の語", False),
    ],
)
def test_a_search_needs_all_its_words_whole(asked: str, text: str, found: bool) -> None:
    assert set(words_asked(asked)).issubset(words_of(text)) is found


@given(st.text(), st.text(), st.text())
def test_a_text_is_found_by_every_part_cut_at_blanks(before: str, part: str, after: str) -> None:
    assert set(words_asked(part)) <= set(words_of(f"{before} {part} {after}"))


@given(st.text())
def test_case_makes_no_difference(text: str) -> None:
    assert words_of(text.casefold()) == words_of(text)


@given(st.text(alphabet=st.sampled_from("日本語ab の_")))
def test_scripts_without_blanks_are_found_by_any_stretch(text: str) -> None:
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            run = text[start:end]
            if all(character in "日本語の" for character in run):
                assert set(words_asked(run)) <= set(words_of(text))
