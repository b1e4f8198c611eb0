"""What a request brings, however it brings it."""

import asyncio
import base64
import gc
import json
import tracemalloc
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message

from flowdock.server.domain.refusals import Refusal
from flowdock.server.files import Upload
from flowdock.server.http.limits import NESTING, VALUES
from flowdock.server.http.parameters import Limits, read, upload_from_json, uploads_in

LIMITS = Limits(body_bytes=10_000, upload_bytes=20_000, fields=50, files=3)
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=xx"


class Sent:
    """A request whose body arrives in these pieces; it knows how many were taken."""

    def __init__(
        self,
        *pieces: bytes,
        content_type: str = "",
        query: str = "",
        method: str = "POST",
        length: str = "",
        cut: bool = False,
    ) -> None:
        headers = {"host": "localhost", "content-type": content_type, "content-length": length}
        self._scope = {
            "type": "http",
            "method": method,
            "path": "/messages",
            "query_string": query.encode("latin-1"),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items() if value],
        }
        self._pieces = pieces or (b"",)
        self._cut = cut
        self.taken = 0

    async def _receive(self) -> Message:
        self.taken += 1
        if self.taken > len(self._pieces):
            return {"type": "http.disconnect"}
        more = self._cut or self.taken < len(self._pieces)
        return {"type": "http.request", "body": self._pieces[self.taken - 1], "more_body": more}

    def read(self, limits: Limits = LIMITS) -> dict[str, object]:
        return asyncio.run(read(Request(self._scope, self._receive), limits=limits))

    def refused(self, limits: Limits = LIMITS) -> Refusal:
        with pytest.raises(Refusal) as caught:
            self.read(limits)
        return caught.value


def part(name: str, content: bytes, *, more: str = "", headers: str = "") -> bytes:
    return f'--xx\r\nContent-Disposition: form-data; name="{name}"{more}\r\n{headers}\r\n'.encode() + content + b"\r\n"


def multipart(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--xx--\r\n"


def upload(parameters: Mapping[str, object], name: str = "content") -> tuple[str, str, bytes]:
    found = parameters[name]
    assert isinstance(found, Upload)
    with found.file:
        content = found.file.read()
    assert found.size_bytes == len(content)
    return found.file_name, found.content_type, content


# ---------------------------------------------------------------------------------------------- every way to say it


@pytest.mark.parametrize(
    "content_type, query, body, expected",
    [
        pytest.param(JSON, "", b'{"content":"Hi","tags":["a"]}', {"content": "Hi", "tags": ["a"]}, id="json"),
        pytest.param(JSON + "; charset=utf-8", "", '{"a":"ü😀"}'.encode(), {"a": "ü😀"}, id="json with its charset"),
        pytest.param("Application/JSON;charset=UTF-8", "", b'{"a":1}', {"a": 1}, id="capitals"),
        pytest.param("application/vnd.flowdock+json", "", b'{"a":1}', {"a": 1}, id="a kind of json"),
        pytest.param(JSON + "; charset=iso-8859-1", "", b'{"a":"\xfc"}', {"a": "ü"}, id="json in latin-1"),
        pytest.param(JSON, "", b'\xef\xbb\xbf{"a":1}', {"a": 1}, id="json after a byte order mark"),
        pytest.param("", "", b' {"content":"Hi"}', {"content": "Hi"}, id="json that does not say so"),
        pytest.param("", "", b"content=Hi", {"content": "Hi"}, id="a form that does not say so"),
        pytest.param(JSON, "limit=1", b"", {"limit": "1"}, id="json that is empty"),
        pytest.param(JSON, "limit=1", b" \r\n", {"limit": "1"}, id="json that is blank"),
        pytest.param(JSON, "limit=1&event=message", b"{}", {"limit": "1", "event": "message"}, id="all in the query"),
        pytest.param("", "content=a+b%20c&tags=a,b", b"", {"content": "a b c", "tags": "a,b"}, id="no body"),
        pytest.param("image/png", "a=1", b"", {"a": "1"}, id="an odd type without a body"),
        pytest.param(MULTIPART, "a=1", b"", {"a": "1"}, id="multipart without a body"),
        pytest.param(FORM, "", "content=Gr%C3%BC%C3%9Fe+ü".encode(), {"content": "Grüße ü"}, id="form"),
        pytest.param(FORM + "; charset=latin1", "", b"a=%FC\xfc", {"a": "üü"}, id="form in latin-1"),
        pytest.param(FORM, "", b"a=1&&b&=2&c==&a=3", {"a": "3", "b": "", "c": "="}, id="form with oddities"),
        pytest.param(
            MULTIPART, "", multipart(part("a", b"1"), part("b", "ü".encode())), {"a": "1", "b": "ü"}, id="multi"
        ),
        pytest.param(JSON, "a=1&b=2", b'{"b":3}', {"a": "1", "b": 3}, id="the body beats the query"),
        pytest.param(
            JSON, "tags=q", b'{"tags":null,"thread_id":null,"x":[null]}', {"tags": "q", "x": [None]}, id="null"
        ),
        pytest.param(JSON, "", b'{"a":1,"a":2}', {"a": 2}, id="a member twice"),
        pytest.param(JSON, "", b'{"a":[true,false,-1.5,9223372036854775807]}', {"a": [True, False, -1.5, 2**63 - 1]}),
        pytest.param(JSON, "", b'{"a":"\\\\u0000"}', {"a": "\\u0000"}, id="what only looks like NUL"),
    ],
)
def test_parameters_are_read_from_body_and_query(
    content_type: str, query: str, body: bytes, expected: dict[str, object]
) -> None:
    assert Sent(body, content_type=content_type, query=query).read() == expected


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_body_counts_whatever_the_method(method: str) -> None:
    assert Sent(b'{"limit":5}', content_type=JSON, method=method).read() == {"limit": 5}


def test_a_body_may_arrive_in_pieces() -> None:
    assert Sent(b'{"content"', b"", b':"Hi"}', content_type=JSON).read() == {"content": "Hi"}


@pytest.mark.parametrize(
    "form, expected",
    [
        ("author[name]=Ray&author[email]=r", {"author": {"name": "Ray", "email": "r"}}),
        ("thread[status][color]=red&thread[title]=t", {"thread": {"status": {"color": "red"}, "title": "t"}}),
        ("tags[]=a&tags[]=b", {"tags": ["a", "b"]}),
        ("tags[0]=a&tags[1]=b", {"tags": ["a", "b"]}),
        ("tags[10]=b&tags[9]=a", {"tags": ["a", "b"]}),
        (
            "thread[fields][][label]=l&thread[fields][][value]=v&thread[fields][][label]=m",
            {"thread": {"fields": [{"label": "l", "value": "v"}, {"label": "m"}]}},
        ),
        (
            "thread[fields][1][label]=m&thread[fields][0][label]=l&thread[fields][0][value]=v",
            {"thread": {"fields": [{"label": "l", "value": "v"}, {"label": "m"}]}},
        ),
        (
            "thread[actions][][target][urlTemplate]=u&thread[actions][][target][httpMethod]=POST",
            {"thread": {"actions": [{"target": {"urlTemplate": "u", "httpMethod": "POST"}}]}},
        ),
        ("a[][b][]=1&a[][b][]=2", {"a": [{"b": ["1", "2"]}]}),
        ("a[][]=1&a[][]=2", {"a": [["1"], ["2"]]}),
        ("a[b]=1&a=2", {"a": "2"}),
        ("a[b=1&a]=2&[c]=3&a[b]c=4&[]=5", {"a[b": "1", "a]": "2", "[c]": "3", "a[b]c": "4", "[]": "5"}),
        ("author%5Bname%5D=Ray", {"author": {"name": "Ray"}}),
    ],
)
def test_brackets_nest_in_forms_and_queries_alike(form: str, expected: dict[str, object]) -> None:
    assert Sent(form.encode(), content_type=FORM).read() == expected
    assert Sent(query=form).read() == expected


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_any_text_survives_a_form(parameters: dict[str, str]) -> None:
    usual = {name.replace("[", ""): value for name, value in parameters.items() if "\0" not in name + value}
    usual.pop("", None)
    assert Sent(urlencode(usual).encode(), content_type=FORM).read(Limits()) == usual


@given(st.dictionaries(st.text(), st.text() | st.booleans() | st.lists(st.text())))
def test_any_text_survives_json(parameters: dict[str, object]) -> None:
    if "\0" in str(parameters) or "\\x00" in repr(parameters):
        assert Sent(json.dumps(parameters).encode(), content_type=JSON).refused(Limits()).status == 400
    else:
        assert Sent(json.dumps(parameters).encode(), content_type=JSON).read(Limits()) == parameters


# ------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "content_type, query, body, status",
    [
        pytest.param(JSON, "", b'{"content":', 400, id="cut json"),
        pytest.param(JSON, "", b"[1]", 400, id="an array"),
        pytest.param(JSON, "", b"null", 400, id="null"),
        pytest.param(JSON, "", b'"text"', 400, id="a text"),
        pytest.param(JSON, "", b'{"a":NaN}', 400, id="not a number"),
        pytest.param(JSON, "", b'{"a":1e999}', 400, id="an infinite number"),
        pytest.param(JSON, "", b'{"a":' + b"9" * 5000 + b"}", 400, id="a number without end"),
        pytest.param(JSON, "", b'{"a":{"b":[9223372036854775808]}}', 400, id="a number of 65 bits"),
        pytest.param(JSON, "", b'{"a":-9223372036854775809}', 400, id="a negative one"),
        pytest.param(JSON, "", b'{"a":"\xff"}', 400, id="no utf-8"),
        pytest.param(JSON, "", b'{"a":"\xed\xa0\x80"}', 400, id="a surrogate as utf-8"),
        pytest.param(JSON, "", b'{"a":"\\ud800"}', 400, id="a lone surrogate"),
        pytest.param(JSON, "", b'{"a":["\\udc00x"]}', 400, id="a lone surrogate within"),
        pytest.param(JSON, "", b'{"a":"\\u0000"}', 400, id="nul"),
        pytest.param(JSON, "", b'{"a":{"b":["x\\u0000"]}}', 400, id="nul within"),
        pytest.param(JSON, "", b'{"a":{"\\u0000":1}}', 400, id="nul in a name"),
        pytest.param(JSON, "", b'{"a":' * 1500, 400, id="a cut bomb of objects"),
        pytest.param(JSON, "", b'{"a":' * 900 + b"1" + b"}" * 900, 400, id="a whole bomb of objects"),
        pytest.param(JSON, "", b'{"a":' + b"[" * 33 + b"]" * 33 + b"}", 400, id="a list too deep"),
        pytest.param(JSON + "; charset=utf-7", "", b"{}", 415, id="an unknown charset"),
        pytest.param(JSON, "a=%FF", b"{}", 400, id="a query that is no utf-8"),
        pytest.param(JSON, "a=%00", b"{}", 400, id="a query with nul"),
        pytest.param(JSON, "a=\xfc", b"{}", 400, id="a raw query that is no utf-8"),
        pytest.param(FORM, "", b"a=%ED%A0%80", 400, id="a surrogate in a form"),
        pytest.param(FORM, "", b"a=1\0", 400, id="nul in a form"),
        pytest.param(FORM, "", b"a=1&a[b]=2", 400, id="a text that is a group too"),
        pytest.param(FORM, "", b"a[]=1&a[b]=2", 400, id="a list that is a group too"),
        pytest.param(FORM, "", b"a[b]=1&a[]=2", 400, id="a group that is a list too"),
        pytest.param(FORM, "", b"a" + b"[b]" * 33 + b"=1", 400, id="brackets without end"),
        pytest.param(FORM, "", b"&".join(b"a=1" for _ in range(51)), 400, id="too many fields"),
        pytest.param("", "&" * 50, b"", 400, id="too many in the query"),
        pytest.param("text/plain", "", b"Hi", 415, id="plain text"),
        pytest.param("image/png", "", b"\x89PNG", 415, id="a picture"),
        pytest.param("multipart/form-data", "", b"x", 400, id="no boundary"),
        pytest.param("multipart/form-data; boundary=" + "x" * 300, "", b"x", 400, id="a long boundary"),
        pytest.param(MULTIPART, "", b"nonsense", 400, id="no multipart"),
        pytest.param(MULTIPART, "", part("a", b"1"), 400, id="cut multipart"),
        pytest.param(MULTIPART, "", multipart(b"--xx\r\nX: y\r\n\r\n1\r\n"), 400, id="a part without a name"),
        pytest.param(MULTIPART, "", multipart(part("a", b"\xff")), 400, id="a part that is no utf-8"),
        pytest.param(MULTIPART, "", multipart(*[part("a", b"")] * 51), 400, id="too many parts"),
        pytest.param(MULTIPART, "", multipart(*[part("a", b"", more='; filename="f"')] * 4), 400, id="too many files"),
        pytest.param(MULTIPART, "", multipart(part("a", b"x" * 10_001)), 413, id="a text as long as a file"),
    ],
)
def test_what_cannot_be_read_is_refused(content_type: str, query: str, body: bytes, status: int) -> None:
    refusal = Sent(body, content_type=content_type, query=query).refused()
    assert refusal.status == status
    assert refusal.message


def test_nesting_up_to_the_limit_is_read() -> None:
    body = b'{"a":' + b"[" * NESTING + b"]" * NESTING + b"}"
    assert len(str(Sent(body, content_type=JSON).read()["a"])) == 2 * NESTING


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"a":[' + b"[]," * 600_000 + b"0]}", id="large"),
        pytest.param(b'{"a":[' + b"0," * VALUES + b"0]}", id="small"),
        pytest.param(b"{" + b",".join(b'"%d":0' % number for number in range(VALUES + 1)) + b"}", id="flat"),
    ],
)
def test_more_values_than_anybody_needs_are_refused(body: bytes) -> None:
    refusal = Sent(body, content_type=JSON).refused(Limits())
    assert (refusal.status, refusal.message) == (400, "the JSON body has too many values; 10000 are allowed")


@pytest.mark.parametrize("content_type", [JSON, FORM])
def test_a_declared_length_beyond_the_limit_is_refused_unread(content_type: str) -> None:
    sent = Sent(b"{}", content_type=content_type, length="10001")
    assert sent.refused().status == 413
    assert sent.taken == 0


def test_an_upload_declared_too_long_is_refused_unread() -> None:
    sent = Sent(multipart(part("a", b"1")), content_type=MULTIPART, length="9" * 5000)
    assert sent.refused().status == 413
    assert sent.taken == 0


@pytest.mark.parametrize("content_type, limit", [(JSON, 10_000), (FORM, 10_000), (MULTIPART, 20_000)])
def test_reading_stops_at_the_limit(content_type: str, limit: int) -> None:
    begun = part("content", b"", more='; filename="f"').removesuffix(b"\r\n")
    sent = Sent(begun, *[b"x" * 1000] * 100, content_type=content_type)
    assert sent.refused().status == 413
    assert sent.taken <= limit // 1000 + 2


def test_one_piece_beyond_the_limit_is_refused() -> None:
    assert Sent(b'{"a":"' + b"x" * 10_000 + b'"}', content_type=JSON).refused().status == 413


def test_a_body_of_exactly_the_limit_is_read() -> None:
    body = b'{"a":"' + b"x" * (10_000 - 8) + b'"}'
    assert len(str(Sent(body, content_type=JSON, length="10000").read()["a"])) == 10_000 - 8


def test_an_unknown_kind_of_body_is_refused_with_its_first_piece() -> None:
    sent = Sent(*[b"x" * 1000] * 100, content_type="video/mp4")
    assert sent.refused().status == 415
    assert sent.taken == 1


@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART, "image/png"])
def test_a_client_that_goes_away_is_no_request(content_type: str) -> None:
    with pytest.raises(ClientDisconnect):
        Sent(b"", content_type=content_type, cut=True).read()


# ------------------------------------------------------------------------------------------------------------ files


def test_a_file_part_becomes_an_upload() -> None:
    content = part("content", b"\x89PNG\r\n--x", more='; filename="a.png"', headers="Content-Type: image/png\r\n")
    found = Sent(multipart(part("event", b"file"), content), content_type=MULTIPART, query="flow_token=t").read()
    assert found["event"] == "file"
    assert found["flow_token"] == "t"
    assert upload(found) == ("a.png", "image/png", b"\x89PNG\r\n--x")


def test_a_multipart_body_may_be_cut_anywhere() -> None:
    body = multipart(part("event", b"file"), part("content", b"\r\n--xy\r\n" * 3, more='; filename="a.bin"'))
    for at in range(1, len(body)):
        found = Sent(body[:at], body[at:], content_type=MULTIPART).read()
        assert upload(found) == ("a.bin", "application/octet-stream", b"\r\n--xy\r\n" * 3)
    assert upload(Sent(*(bytes([byte]) for byte in body), content_type=MULTIPART).read())[2] == b"\r\n--xy\r\n" * 3


@pytest.mark.parametrize(
    "disposition, name",
    [
        ('filename="plan b.png"', "plan b.png"),
        ("filename=plan.png", "plan.png"),
        ('FileName="plan.png"', "plan.png"),
        ('filename="Größe 😀.png"', "Größe 😀.png"),
        ('filename="say %22hi%22.txt"', 'say "hi".txt'),
        (r'filename="say \"hi\".txt"', 'say "hi".txt'),
        ('filename="100%.txt"', "100%.txt"),
        ('filename="a%20b#c?d;e=f.txt"', "a%20b#c?d;e=f.txt"),
        (r'filename="C:\\Users\\ray\\plan.png"', "plan.png"),
        (r'filename="C:\Users\ray\plan.png"', "plan.png"),
        ('filename="../../etc/passwd"', "passwd"),
        ("filename*=UTF-8''na%C3%AFve%20%F0%9F%98%80.txt", "naïve 😀.txt"),
        ("filename=\"naive.txt\"; filename*=utf-8'en'na%C3%AFve.txt", "naïve.txt"),
        ("filename*=iso-8859-1''na%EFve.txt", "naïve.txt"),
        ("filename*=utf-7''plain.txt", "plain.txt"),
        ('filename*0="one "; filename*1*=%C3%BC; filename*2=".txt"', "one ü.txt"),
        ("filename*0*=UTF-8''%C3%BCber%20; filename*1=all.txt", "über all.txt"),
        ('filename="\x01\x7fa\u202e.txt"', "a.txt"),
        ('filename=".."', "file"),
        ('filename="/"', "file"),
        ('filename=" "', "file"),
        ("filename*=", "file"),
    ],
)
def test_the_file_name_of_a_part(disposition: str, name: str) -> None:
    body = multipart(part("content", b"x", more=f"; {disposition}"))
    assert upload(Sent(body, content_type=MULTIPART).read())[0] == name


def test_a_file_name_that_is_no_utf_8_is_taken_as_latin_1() -> None:
    body = multipart(part("content", b"x", more='; filename="?.txt"').replace(b"?", b"\xfc"))
    assert upload(Sent(body, content_type=MULTIPART).read())[0] == "ü.txt"


@pytest.mark.parametrize(
    "claimed, name, expected",
    [
        ("image/png", "a.bin", "image/png"),
        ("Text/Plain; charset=utf-8", "a", "text/plain"),
        ("", "a.png", "image/png"),
        ("application/octet-stream", "a.PDF", "application/pdf"),
        ("", "a.tar.gz", "application/gzip"),
        ("", "noextension", "application/octet-stream"),
        ("not a type", "a.unknown", "application/octet-stream"),
        ("text/html\x00", "a.css", "text/css"),
    ],
)
def test_the_type_of_a_file_is_the_claimed_one_if_sane_else_guessed(claimed: str, name: str, expected: str) -> None:
    header = f"Content-Type: {claimed}\r\n" if claimed else ""
    body = multipart(part("content", b"x", more=f'; filename="{name}"', headers=header))
    assert upload(Sent(body, content_type=MULTIPART).read())[1] == expected


def test_attachments_keep_their_ids_even_numbers() -> None:
    named = part("attachments[1]", b"1", more='; filename="a"'), part("attachments[x]", b"2", more='; filename="b"')
    found = Sent(multipart(*named), content_type=MULTIPART).read()
    group = found["attachments"]
    assert isinstance(group, dict)
    assert [upload(group, name)[2] for name in ("1", "x")] == [b"1", b"2"]


def test_attachments_without_ids_are_a_list() -> None:
    body = multipart(*[part("attachments[]", b"1", more='; filename="a"')] * 2)
    found = Sent(body, content_type=MULTIPART).read()
    assert len(found["attachments"]) == len(list(uploads_in(found))) == 2  # type: ignore[arg-type]
    for each in uploads_in(found):
        each.close()


def test_a_file_input_that_nobody_used_is_absent() -> None:
    assert Sent(multipart(part("content", b"", more='; filename=""')), content_type=MULTIPART).read() == {}


def test_a_part_may_have_a_charset_of_its_own() -> None:
    body = multipart(part("content", b"\xfc", headers="Content-Type: text/plain; charset=ISO-8859-1\r\n"))
    assert Sent(body, content_type=MULTIPART).read() == {"content": "ü"}


def test_a_large_file_waits_on_disk_and_never_in_memory() -> None:
    begun = part("content", b"", more='; filename="big"').removesuffix(b"\r\n")
    pieces = [bytes(65_536)] * 256
    sent = Sent(begun, *pieces, b"\r\n--xx--\r\n", content_type=MULTIPART)
    tracemalloc.start()
    found = sent.read(Limits())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    (arrived,) = uploads_in(found)
    assert arrived.size_bytes == 16 * 1024 * 1024
    assert peak < 2 * 1024 * 1024
    assert upload(found) == ("big", "application/octet-stream", bytes(16 * 1024 * 1024))


@pytest.mark.parametrize(
    "body, status",
    [
        pytest.param(part("a", b"x" * 300_000, more='; filename="f"'), 400, id="cut"),
        pytest.param(
            multipart(part("a", b"x" * 300_000, more='; filename="f"'), part("a[b]", b"")), 400, id="mixed names"
        ),
        pytest.param(multipart(part("a", b"x" * 300_000, more='; filename="f"')) * 2, 413, id="too large"),
    ],
)
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_refused_upload_leaves_no_file_open(body: bytes, status: int) -> None:
    halves = [body[: len(body) // 2], body[len(body) // 2 :]]
    sent = Sent(*halves, content_type=MULTIPART)
    assert sent.refused(Limits(upload_bytes=500_000)).status == status
    gc.collect()


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_file_whose_name_comes_again_is_let_go() -> None:
    big = part("content", b"x" * 300_000, more='; filename="first"')
    found = Sent(multipart(big, part("content", b"y", more='; filename="second"')), content_type=MULTIPART).read(
        Limits()
    )
    gc.collect()
    assert upload(found)[0] == "second"


def test_a_disk_without_room_is_not_the_clients_fault(tmp_path: Path) -> None:
    limits = Limits(spool_folder=str(tmp_path / "gone"))
    body = multipart(part("content", b"x" * 1_000_000, more='; filename="f"'))
    assert Sent(body, content_type=MULTIPART).refused(limits).status == 503


# --------------------------------------------------------------------------------------------- files within JSON


def test_a_file_may_come_as_base64_within_json() -> None:
    picture = bytes(range(256)) * 2000
    content = {"data": base64.encodebytes(picture).decode(), "content_type": "image/png", "file_name": "x/plan b.png"}
    assert upload({"content": upload_from_json(content)}) == ("plan b.png", "image/png", picture)


@pytest.mark.parametrize(
    "content, expected",
    [
        ({"data": ""}, ("file", "application/octet-stream", b"")),
        ({"data": "aGk=", "file_name": "a.txt", "content_type": None}, ("a.txt", "text/plain", b"hi")),
        ({"data": "aA==", "file_name": None, "content_type": "x"}, ("file", "application/octet-stream", b"h")),
    ],
)
def test_name_and_type_may_be_missing(content: dict[str, object], expected: tuple[str, str, bytes]) -> None:
    assert upload({"content": upload_from_json(content)}) == expected


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"data": None},
        {"data": 5},
        {"data": "a"},
        {"data": "aGk"},
        {"data": "????"},
        {"data": "aA==aGk="},
        {"data": "ü"},
        {"data": "aGk=", "file_name": 5},
        {"data": "aGk=", "content_type": ["image/png"]},
    ],
)
def test_what_is_no_file_is_refused_by_field(content: dict[str, object]) -> None:
    with pytest.raises(Refusal) as caught:
        upload_from_json(content)
    assert caught.value.status == 400
    assert list(caught.value.errors) == ["content"]


def test_a_file_within_json_needs_room_too(tmp_path: Path) -> None:
    content = {"data": base64.b64encode(bytes(1_000_000)).decode()}
    with pytest.raises(Refusal) as caught:
        upload_from_json(content, spool_folder=str(tmp_path / "gone"))
    assert caught.value.status == 503


# ------------------------------------------------------------------------------------------ hostile, and over HTTP

CONTENT_TYPES = st.sampled_from(
    [
        "",
        JSON,
        JSON + "; charset=latin-1",
        FORM,
        FORM + "; charset=utf-8",
        MULTIPART,
        "multipart/form-data",
        "multipart/form-data; boundary",
        'multipart/form-data; boundary="x',
        "text/plain",
        ";;=;",
    ]
) | st.text(st.characters(max_codepoint=255), max_size=40)


def pieces_of_multipart() -> st.SearchStrategy[bytes]:
    """Bytes that come close to multipart."""
    words = [
        b"--xx",
        b"--",
        b"\r\n",
        b"\r\n\r\n",
        b"Content-Disposition: form-data",
        b'; name="a"',
        b'; name="a[]"',
        b'; filename="f"',
        b"; filename*=UTF-8''%00%ff",
        b"; filename*0*=x'y'z; filename*1=",
        b"Content-Type: text/plain; charset=x",
        b": ",
        b'"',
        b"\x00",
    ]
    return st.lists(st.sampled_from(words) | st.binary(max_size=4), max_size=40).map(b"".join)


@given(
    body=st.binary() | pieces_of_multipart() | st.text('[]{}",:0e-\\ud8tn%&=+').map(str.encode),
    content_type=CONTENT_TYPES,
    query=st.text(st.characters(max_codepoint=255)) | st.text("a[]%&=0+"),
    at=st.integers(0, 200),
)
def test_any_bytes_of_any_kind_are_read_or_refused(body: bytes, content_type: str, query: str, at: int) -> None:
    try:
        found = Sent(body[:at], body[at:], content_type=content_type, query=query).read()
    except Refusal as refusal:
        assert refusal.status in (400, 413, 415)  # noqa: PT017 - both ways are fine
    else:
        assert "\0" not in json.dumps(sorted(found), ensure_ascii=False)
        for each in uploads_in(found):
            each.close()


async def _echo(request: Request) -> JSONResponse:
    found = await read(request, limits=Limits())
    files = {
        name: [each.file_name, each.content_type, each.file.read().decode()]
        for name, value in found.items()
        for each in uploads_in(value)
    }
    for each in uploads_in(found):
        each.close()
    return JSONResponse({**{name: value for name, value in found.items() if name not in files}, **files})


@pytest.fixture
def http() -> Iterator[httpx2.Client]:
    methods = ["GET", "POST", "PUT", "DELETE"]
    with TestClient(Starlette(routes=[Route("/", _echo, methods=methods)])) as client:
        yield client


@pytest.mark.parametrize("name", ["plan b.png", 'say "hi".txt', "100%.txt", "a#b?c.txt", "Größe 😀.txt", "a%20b.txt"])
def test_a_name_survives_a_real_http_client(http: httpx2.Client, name: str) -> None:
    answer = http.post("/", data={"event": "file"}, files={"content": (name, b"x", "text/plain")})
    assert answer.json() == {"event": "file", "content": [name, "text/plain", "x"]}


def test_real_clients_merge_query_and_json_body_on_get(http: httpx2.Client) -> None:
    assert http.request("GET", "/", params={"limit": 3}, json={"tags": ["a"]}).json() == {"limit": "3", "tags": ["a"]}


@given(content=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_survives_the_query(content: str) -> None:
    assert Sent(query=f"content={quote(content)}").read(Limits()) == {"content": content}
