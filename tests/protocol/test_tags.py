import re
import re._constants as codes  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.protocol import tags, urls
from flowdock.protocol.top_level_domains import TOP_LEVEL_DOMAINS

CONTENT_LIMIT = 8096


def table(*rows: tuple[object, ...]) -> list[object]:
    """Parameters for a table test: the last cell of a row says what the row is about."""
    return [pytest.param(*row[:-1], id=str(row[-1])) for row in rows]


def found(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tags.scan(text)]


@pytest.mark.parametrize(
    "text,expected",
    table(
        ("#bug", ["bug"], "at the start"),
        ("a #bug, b", ["bug"], "between punctuation"),
        ("\uff03bug", ["bug"], "with a full-width sign"),
        ("#2024", ["2024"], "of digits only"),
        ("#to-do_list", ["to-do_list"], "with dash and underscore"),
        (
            "#ÄÖü #Ωmega #задача #작업 #やること #任务 #مهمة #משימה",
            ["ÄÖü", "Ωmega", "задача", "작업", "やること", "任务", "مهمة", "משימה"],
            "in many scripts",
        ),
        ("#हिन्दी।", ["हिन्दी"], "with vowel signs, up to the danda"),
        ("#cafe\u0301 x", ["cafe\u0301"], "with a combining accent"),
        ("#Bug #bug #Bug", ["Bug", "bug", "Bug"], "keeping case and repetition"),
        ("a#bug 1#bug _#bug é#bug 字#bug", [], "not inside a word"),
        ("&#39; &#bug", [], "not after an ampersand"),
        ("a/#bug", [], "not after a slash"),
        ("#bug#fix #bug\uff03fix #http://x.com", [], "not before another sign or a protocol"),
        ("# bug #, #! #", [], "not without a name"),
        ("#1×2 #a÷b", ["1", "a"], "not beyond the signs of arithmetic"),
        ("## Title\n### #deep", ["deep"], "not a heading"),
        ("say `#code`", ["code"], "in Markdown code too"),
    ),
)
def test_hashtags(text: str, expected: Sequence[str]) -> None:
    assert tags.extract_hashtags(text) == expected


@pytest.mark.parametrize(
    "text,expected",
    table(
        ("@alice", ["alice"], "alone"),
        ("(@alice, @Bob.)", ["alice", "Bob"], "in brackets and before a full stop"),
        ("@j.r.ewing...", ["j.r.ewing"], "with dots inside"),
        ("@.net", [".net"], "starting with a dot"),
        ("@Ray_ @foo-bar @42", ["Ray_", "foo-bar", "42"], "with underscore, dash, digits"),
        ("@everyone @TEAM", ["everyone", "TEAM"], "of everybody"),
        ("a@alice 1@alice _@alice é@alice", [], "not inside a word"),
        ("&@alice x/@alice", [], "not after an ampersand or a slash"),
        ("@alice#1 @http://x.com", [], "not before a hash sign or a protocol"),
        ("@ @. @!", [], "not without a name"),
    ),
)
def test_mentions(text: str, expected: Sequence[str]) -> None:
    assert tags.extract_mentions(text) == expected


@pytest.mark.parametrize(
    "text,expected",
    table(
        ("see http://localhost:3569/flows", ["http://localhost:3569/flows"], "a single name with a port"),
        ("see http://jenkins.", ["http://jenkins"], "a single name before a full stop"),
        ("see http://jenkins, http://x", ["http://jenkins"], "a single letter is no name"),
        ("http://user:secret@example.com/x", ["http://user:secret@example.com/x"], "with a user"),
        ("http://[::1]:8080/x", ["http://[::1]:8080/x"], "an address of version 6"),
        ("http://10.0.0.256/ http://1.2.3/", [], "not a wrong address"),
        ("1.2.3.4 and v1.2.3", [], "not an address or version without protocol"),
        ("HTTPS://Example.COM", ["HTTPS://Example.COM"], "in capitals"),
        ("ftp://example.com mailto:x", [], "not with another protocol"),
        (
            "http://例え.jp http://💩.la http://пример.рф/путь http://x.com/ω次",
            ["http://例え.jp", "http://💩.la", "http://пример.рф/путь", "http://x.com/ω"],
            "in other scripts",
        ),
        ("http://example.com。次", ["http://example.com"], "up to CJK punctuation"),
        (
            "http://xn--80abe5aohbnkjb.xn--p1ai example.xn--p1ai",
            ["http://xn--80abe5aohbnkjb.xn--p1ai", "example.xn--p1ai"],
            "in punycode",
        ),
        ("http://a_b.c.com http://a.b_c.com", ["http://a_b.c.com"], "underscores only left of the last two labels"),
        (
            "example.com#part example.com?a=b example.com:80/",
            ["example.com#part", "example.com?a=b", "example.com:80/"],
            "with fragment, query, port",
        ),
        ("example.com:80808080", ["example.com"], "without a port that is none"),
        (
            "http://x.com/a?b[]=1&c=(d) [http://x.com/a](http://y.com/b)",
            ["http://x.com/a?b[]=1&c=(d)", "http://x.com/a", "http://y.com/b"],
            "brackets in pairs",
        ),
        ("**http://x.com/a** 'http://x.com/b'", ["http://x.com/a"], "without emphasis, not after a quotation mark"),
        ("http://x.com/?to=a@b.com&x", ["http://x.com/?to=a@b.com&x"], "with an e-mail address inside"),
        (
            "http://t.co/abc-def t.co/abc's",
            ["http://t.co/abc", "t.co/abc"],
            "of the shortener, letters and digits only",
        ),
        ("build.local build.lan", ["build.local"], "a known private domain"),
        ("archive.zip Main.java list.map(x) done.Next", [], "not a file name, a method call or a forgotten blank"),
        ("setup.py.bak org.apache.io.FileUtils", [], "not if the known domain is not last"),
        ("example.com-and example.comです", ["example.com", "example.com"], "up to what is glued to the domain"),
        ("-x.com x-.com x..com x.-y.com .com", [], "not with a label that is none"),
        ("a.com@b c.com", ["c.com"], "not before an at sign"),
        (f"{'a' * 300}.com", [], "not a name longer than names may be"),
        ("http:// :// x:// ://x.com", [], "not without a host"),
    ),
)
def test_urls(text: str, expected: Sequence[str]) -> None:
    assert tags.extract_urls(text) == expected


@pytest.mark.parametrize(
    "text,expected",
    table(
        ("bob.b+x_y%z@example.co.uk.", ["bob.b+x_y%z@example.co.uk"], "with signs and a subdomain"),
        ("john.me@example.com", ["john.me@example.com"], "whose first part looks like a URL"),
        ("bob@localhost bob@example.unknown", [], "not without a known domain"),
        ("b@a.com@c.com", ["a.com@c.com"], "not before another at sign"),
        (f"{'a' * 64}@x.com {'a' * 65}@x.com", [f"{'a' * 64}@x.com"], "with at most 64 characters before the sign"),
        ("#a@b.com", [], "not where a hashtag began"),
    ),
)
def test_emails(text: str, expected: Sequence[str]) -> None:
    assert tags.extract_emails(text) == expected


@pytest.mark.parametrize(
    "text,expected",
    table(
        (
            "x@y.com #a @b z.com",
            [("email", "x@y.com"), ("hashtag", "a"), ("mention", "b"), ("url", "z.com")],
            "in order of their place",
        ),
        ("http://x.com/#a/@b", [("url", "http://x.com/#a/@b")], "no sign inside a URL is a tag"),
        ("foo.@bar.com", [("email", "foo.@bar.com")], "an e-mail address before the mention inside it"),
        ("great.@bar", [("mention", "bar")], "a mention where there is no address"),
        ("    #a @b x@y.com http://z.com", [("url", "http://z.com")], "only URLs in a quoted line"),
        ("\t\t\t\t#a", [], "tabs quote as well"),
        (
            "   #a\n    #b\r\n    #c\n#d",
            [("hashtag", "a"), ("hashtag", "d")],
            "a quotation is four blanks, and one line",
        ),
        ("\n\n\n\n#a", [("hashtag", "a")], "empty lines quote nothing"),
        ("", [], "nothing in nothing"),
    ),
)
def test_what_is_found_where(text: str, expected: Sequence[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text,expected",
    table(("x.com", True, "a URL"), ("x.com y.com", False, "two"), ("@x", False, "a mention"), ("", False, "nothing")),
)
def test_is_url(text: str, expected: bool) -> None:
    assert tags.is_url(text) is expected


@pytest.mark.parametrize(
    "text,nick,expected",
    table(
        ("Ask ALICE!", "alice", True, "whatever the case"),
        ("Straße", "STRASSE", True, "whatever the spelling of the case"),
        ("alice's", "alice", True, "before an apostrophe"),
        ("malice alices alice_", "alice", False, "not inside a word"),
        ("malice alice", "alice", True, "a whole word after a part of one"),
        ("@alice", "alice", False, "not a mention"),
        ("x Ray_ y", "Ray_", True, "a nick that ends in an underscore"),
        ("a.b", "a.b", True, "a nick with a dot"),
        ("axb", "a.b", False, "the dot is a dot"),
        ("anything", "", False, "nobody"),
    ),
)
def test_highlights(text: str, nick: str, expected: bool) -> None:
    assert tags.highlights(text, nick) is expected


@pytest.mark.parametrize(
    "given_tags,expected",
    table(
        (["a", "#b", "\uff03c"], ["a", "b", "c"], "without signs"),
        ("a, #b ,c", ["a", "b", "c"], "from a comma string"),
        (["  a ", "# b", "", " ", "#"], ["a", "b"], "without blanks and empty ones"),
        (["b", "a", "#b"], ["b", "a"], "each at its first place"),
        (["Bug", "bug"], ["Bug", "bug"], "in the case given"),
        (["@alice", ":user:9", "influx:7"], ["@alice", ":user:9", "influx:7"], "names and marks as they are"),
        (["a,b"], ["a,b"], "an array is not cut at commas"),
        ("", [], "nothing"),
    ),
)
def test_normalise(given_tags: str | Sequence[str], expected: Sequence[str]) -> None:
    assert tags.normalise(given_tags) == expected


def test_marks_have_the_recorded_form() -> None:
    made = [tags.user_tag(9), tags.user_tag("everyone"), tags.unread_tag(9), tags.highlight_tag(9)]

    assert made == [":user:9", ":user:everyone", ":unread:9", ":highlight:9"]
    assert (tags.URL_TAG, tags.FILE_TAG) == (":url", ":file")


@pytest.mark.parametrize("tag,hidden", [(":user:9", True), (":url", True), ("influx:7", True), ("bug", False)])
def test_marks_are_hidden_and_words_are_not(tag: str, hidden: bool) -> None:
    assert tags.is_hidden(tag) is hidden


def test_the_words_for_everyone_are_those_of_the_service() -> None:
    assert {"everyone", "everybody", "all", "anyone", "anybody"} == tags.EVERYONE
    assert tags.TEAM == "team"


def test_the_table_of_domains_is_in_lower_case_and_knows_the_usual_ones() -> None:
    assert {"com", "org", "net", "io", "uk", "dev", "local"} <= TOP_LEVEL_DOMAINS
    assert all(re.fullmatch(r"[a-z]{2,63}", name) for name in TOP_LEVEL_DOMAINS)


# ---- for any text ----

FRAGMENTS = [
    *("#", "\uff03", "@", ".", ":", "/", "://", "http://", "https://", "a", "aa", "com", ".com", "a.com", "t.co/", "_"),
    *(
        "-",
        "(",
        ")",
        "[",
        "]",
        "?",
        "&",
        "%",
        "'",
        '"',
        " ",
        "    ",
        "\n",
        "\r",
        "\t",
        "é",
        "字",
        "。",
        "💩",
        "\u0301",
        "1",
    ),
    *("x@y.com", "1.2.3.4", "[::1]", "xn--", "$", "=", "!", "\u2028", "\ufeff", "\0"),
]
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5)).map("".join)


@given(text=texts)
def test_tokens_stand_in_order_and_are_what_the_text_says(text: str) -> None:
    signs = {"url": "", "email": "", "hashtag": "#\uff03", "mention": "@"}
    end = 0
    for token in tags.scan(text):
        written = text[token.start : token.end]
        assert end <= token.start < token.end <= len(text)
        assert written == token.text or (written[1:] == token.text and written[0] in signs[token.kind])
        end = token.end


@given(name=st.from_regex(r"[a-zA-Z0-9äöüßжю字][a-zA-Z0-9_äöüßжю字-]{0,30}", fullmatch=True))
def test_a_name_is_read_back_from_a_hashtag_and_a_mention(name: str) -> None:
    assert found(f"#{name} and @{name}!") == [("hashtag", name), ("mention", name)]


@given(text=st.text().filter(lambda text: not set(text) & set("#\uff03@.:")))
def test_a_text_without_any_sign_holds_nothing(text: str) -> None:
    assert tags.scan(text) == []


# ---- no text takes long: each expression reads on without giving back, and few are tried at each place ----


def expressions() -> list[object]:
    return [
        pytest.param(value.pattern, id=f"{module.__name__}.{name}")
        for module in (tags, urls)
        for name, value in vars(module).items()
        if isinstance(value, re.Pattern)
    ]


def unbounded_repeats(parsed: Any, *, atomic: bool = False) -> Iterator[str]:
    """The repeats without an upper bound that may give back what they have read."""
    for code, argument in parsed:
        if code in {codes.MAX_REPEAT, codes.MIN_REPEAT} and argument[1] is codes.MAXREPEAT and not atomic:
            yield str(argument[2])
        # Alone in an atomic group, nothing can follow that would make it give back.
        alone = code is codes.ATOMIC_GROUP and len(argument) == 1
        for part in parts_of(argument):
            yield from unbounded_repeats(part, atomic=alone)


def parts_of(argument: Any) -> Iterator[Any]:
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, list | tuple):
        for part in argument:
            yield from parts_of(part)


@pytest.mark.parametrize("pattern", expressions())
def test_no_expression_gives_back_what_an_unbounded_repeat_has_read(pattern: str) -> None:
    assert list(unbounded_repeats(parser.parse(pattern))) == []


def test_an_expression_that_gives_back_would_be_noticed() -> None:
    assert list(unbounded_repeats(parser.parse(r"(?:a+)+b")))
    assert list(unbounded_repeats(parser.parse(r"(?>(?:a*b)*c)")))


def steps(text: str) -> int:
    """How many functions are called to read a text."""
    count = 0

    def notice(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(notice)
    try:
        tags.scan(text)
    finally:
        sys.setprofile(before)
    return count


@given(fragment=st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=5).map("".join))
def test_the_work_grows_with_the_length_of_a_text_and_no_faster(fragment: str) -> None:
    hostile = (fragment * CONTENT_LIMIT)[:CONTENT_LIMIT]

    half, whole = steps(hostile[: CONTENT_LIMIT // 2]), steps(hostile)

    assert whole <= 20 * CONTENT_LIMIT
    assert whole <= 2 * half + 200
