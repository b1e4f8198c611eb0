import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.server.domain import html


@pytest.mark.parametrize(
    "given_text, title, body",
    [
        ("plain & simple", "plain & simple", "plain & simple"),
        ("a > b", "a > b", "a > b"),
        ("<b>x</b>", "x", "<b>x</b>"),
        ("<script>bad()</script>ok", "ok", "ok"),
        ("<img src='https://a.example/x.png' onerror='bad()'>", "", '<img src="https://a.example/x.png">'),
        ("<iframe src='https://a.example'></iframe>x", "x", "x"),
        ("<style>*{}</style>x", "x", "x"),
    ],
)
def test_what_may_be_shown_stays(given_text: str, title: str, body: str) -> None:
    assert html.with_links_only(given_text) == title
    assert html.safe(given_text) == body


@pytest.mark.parametrize("scheme", ["javascript:bad()", "data:text/html,x", "vbscript:x", " java\nscript:bad()"])
def test_links_lead_only_where_links_may(scheme: str) -> None:
    for cleaned in (html.with_links_only(f'<a href="{scheme}">x</a>'), html.safe(f'<a href="{scheme}">x</a>')):
        assert "href" not in cleaned
        assert ">x</a>" in cleaned


def test_a_link_may_be_followed() -> None:
    assert 'href="https://ci.example/7"' in html.with_links_only('<a href="https://ci.example/7">build</a>')


def test_attachments_may_be_shown_in_a_body() -> None:
    assert 'src="cid:a"' in html.safe('<img src="cid:a">')


@given(st.text(alphabet=st.sampled_from("<>abcist=\"'/ &;")))
def test_cleaning_again_changes_nothing(text: str) -> None:
    assert html.with_links_only(html.with_links_only(text)) == html.with_links_only(text)
    assert html.safe(html.safe(text)) == html.safe(text)
