"""What a mail says, whoever wrote it."""

import base64
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowdock.server.domain.inbox import CONTENT_LIMIT
from flowdock.server.mail.parsing import ATTACHMENTS, NESTED, Unreadable, letter_of
from tests.server.mail.letters import PNG, rich, written


def test_a_plain_mail_is_its_text_and_its_people() -> None:
    letter = letter_of(written(Cc="Bob <bob@example.net>, x@example.net", Reply_To="list@example.net").as_bytes())

    assert letter.mail.subject == "Server is down"
    assert letter.mail.content == "Look at it.\n"
    assert letter.mail.content_type == "text/plain; charset=UTF-8"
    assert letter.mail.senders == [{"name": "Ann Example", "address": "ann@example.net"}]
    assert letter.mail.to == [{"name": None, "address": "main@acme.flowdock.example"}]
    assert letter.mail.cc == [
        {"name": "Bob", "address": "bob@example.net"},
        {"name": None, "address": "x@example.net"},
    ]
    assert letter.mail.reply_to == [{"name": None, "address": "list@example.net"}]
    assert letter.mail.sender is None


def test_html_is_preferred_and_files_are_attached_with_pictures_inside() -> None:
    letter = letter_of(rich().as_bytes())

    assert letter.mail.subject == "Pläne"
    assert letter.mail.content_type.startswith("text/html")
    assert letter.mail.content.startswith("<p>Rich")
    assert "plain text" not in letter.mail.content
    assert [(one.file_name, one.content_type, one.body) for one in letter.attachments] == [
        ("inside.png", "image/png", PNG),
        ("zahlen.csv", "text/csv", b"a,b\n1,2\n"),
        ("nötes.txt", "text/plain", b"notes\n"),
    ]


def test_text_beside_html_is_read_as_well() -> None:
    data = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>first</p>\n"
        b"--b\nContent-Type: text/plain\n\n1 < 2\n--b--\n"
    )

    assert letter_of(data).mail.content == "<p>first</p>\n<pre>1 &lt; 2</pre>"


def test_a_mail_within_a_mail_is_a_file() -> None:
    outer = written("Fwd")
    outer.add_attachment(written("Inner"))

    letter = letter_of(outer.as_bytes())

    assert [(one.file_name, one.content_type) for one in letter.attachments] == [("message.eml", "message/rfc822")]
    assert b"Subject: Inner" in letter.attachments[0].body
    assert letter.mail.content == "Look at it.\n"


@pytest.mark.parametrize(
    "charset, data, text",
    [
        ("iso-8859-1", "grün".encode("latin-1"), "grün"),
        ("utf-8", "grün €".encode(), "grün €"),
        ("utf-8", "grün".encode("latin-1"), "grün"),
        ("no-such-charset", "grün".encode(), "grün"),
        ("iso-2022-jp", "日本".encode("iso-2022-jp"), "日本"),
        ("iso-8859-8-i", "שלום".encode("iso-8859-8"), "שלום"),
        ("unicode_escape", b"\\u0041", "\\u0041"),
        ("idna", b"xn--mller-kva", "xn--mller-kva"),
        ("zip", b"abc", "abc"),
        ("utf-8", b"a\x00b\x1b[0m", "ab[0m"),
    ],
)
def test_text_is_read_in_the_charset_it_has(charset: str, data: bytes, text: str) -> None:
    headers = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: base64\n\n"

    assert letter_of(headers.encode() + base64.encodebytes(data)).mail.content == text


@pytest.mark.parametrize(
    "raw, subject",
    [
        (b"=?utf-8?q?Gr=C3=BCn?= =?utf-8?q?_es?=", "Grün es"),
        (b"=?utf-8?b?R3LDvG4=?= and more", "Grün and more"),
        (b"=?nonsense?q?abc?=", "abc"),
        (b"=?utf-8?b?a?=", "=?utf-8?b?a?="),
        ("Grün".encode(), "Grün"),
        ("Grün".encode("latin-1"), "Grün"),
        (b"two\n lines", "two lines"),
        (b"", ""),
        (b"x" * 5000, "x" * 1024),
    ],
)
def test_a_subject_is_one_line_of_text(raw: bytes, subject: str) -> None:
    assert letter_of(b"Subject: " + raw + b"\n\nx").mail.subject == subject


def test_the_mails_it_answers_are_known() -> None:
    answer = written(Message_ID="<c@x>", In_Reply_To="<b@x>", References="<a@x> <b0@x>")
    letter = letter_of(answer.as_bytes())

    assert letter.message_id == "<c@x>"
    assert letter.refers_to == ("<a@x>", "<b0@x>", "<b@x>")


def test_a_mail_without_an_id_is_known_by_what_it_says_however_it_came() -> None:
    data = written().as_bytes()
    again = letter_of(b"Received: from elsewhere\n" + data.replace(b"\n", b"\r\n"))

    assert letter_of(data).message_id == again.message_id
    assert letter_of(written(text="else").as_bytes()).message_id != again.message_id


@pytest.mark.parametrize("value, expected", [("auto-replied", True), ("auto-generated", False), ("no", False)])
def test_an_automatic_reply_is_told_from_what_programs_send(value: str, expected: bool) -> None:
    assert letter_of(written(Auto_Submitted=value).as_bytes()).is_automatic_reply is expected


def test_a_text_that_is_too_long_is_cut_off_and_attached() -> None:
    letter = letter_of(b"\n" + b"word " * CONTENT_LIMIT)

    assert len(letter.mail.content) == CONTENT_LIMIT
    assert [one.file_name for one in letter.attachments] == ["mail.txt"]
    assert len(letter.attachments[0].body) == 5 * CONTENT_LIMIT


def _nested(depth: int) -> bytes:
    opening = "".join(f"Content-Type: multipart/mixed; boundary=b{at}\n\n--b{at}\n" for at in range(depth))
    return f"{opening}\ninnermost\n".encode()


def test_parts_within_parts_are_read_to_a_certain_depth() -> None:
    assert letter_of(_nested(NESTED)).mail.content == "innermost"
    with pytest.raises(Unreadable, match="too many parts"):
        letter_of(_nested(NESTED + 1))


def test_more_attachments_than_may_be_are_refused_rather_than_lost() -> None:
    message = written()
    for at in range(ATTACHMENTS + 1):
        message.add_attachment(b"x", "a", "b", filename=str(at))

    with pytest.raises(Unreadable, match=f"more than {ATTACHMENTS} attachments"):
        letter_of(message.as_bytes())


def test_a_header_that_makes_parsers_slow_or_deep_is_left_out() -> None:
    assert letter_of(b"From: " + b"(" * 100_000 + b"\n\nx").mail.senders == []


@given(st.binary())
def test_any_bytes_are_a_mail_or_unreadable(data: bytes) -> None:
    _read(data)


@given(st.data())
@settings(max_examples=200)
def test_so_is_any_damaged_mail(data: st.DataObject) -> None:
    original: EmailMessage = data.draw(st.sampled_from([rich(), written()]))
    damaged = bytearray(original.as_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(damaged)))
        until = at + data.draw(st.integers(0, 40))
        damaged[at:until] = data.draw(
            st.binary(max_size=10)
            | st.sampled_from(
                [b"=?utf-8?b?", b"\n\n", b"\n--", b"multipart/", b"message/rfc822", b"charset*=x''%ff", b"\xff"]
            )
        )
    _read(bytes(damaged))


def _read(data: bytes) -> None:
    """All of it is text that a database takes."""
    try:
        letter = letter_of(data)
    except Unreadable:
        return
    people = [*letter.mail.senders, *letter.mail.to, *letter.mail.cc, *letter.mail.reply_to]
    for text in (
        letter.mail.subject,
        letter.mail.content,
        letter.message_id,
        *letter.refers_to,
        *(one["name"] or "" for one in people),
        *(one["address"] for one in people),
    ):
        assert "\x00" not in text
        text.encode()
