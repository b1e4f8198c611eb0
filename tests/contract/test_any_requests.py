"""Whatever is sent to whichever endpoint, however it is sent: no failure of the server, and nothing half-written.

Most requests are almost right, one parameter of a good one is something else, so that they get far.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flowdock.protocol import endpoints
from flowdock.protocol.endpoints import Endpoint
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.contract.cast import CALLERS, Wire, World, new_world
from tests.contract.expectations import CASES
from tests.contract.plain import Answer, Stream

FOUNDER = next(one for one in CALLERS if one.name == "founder")
SETTINGS = settings(deadline=None, suppress_health_check=list(HealthCheck))
ROWS = endpoints.ALL

NASTY: tuple[Any, ...] = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\u202e\u200b\ufeff",
    "x" * 9000,
    "😀" * 300,
    "' OR 1=1 --",
    '"); DROP TABLE users; --',
    "%00%ff%",
    "../../etc/passwd",
    "<script>",
    "{}",
    "null",
    "NaN",
    "-1",
    "1e400",
    "9" * 25,
    "true",
    "2026-02-30T25:61:61Z",
    "0000-00-00",
    "+292277026596-01-01T00:00:00Z",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAA",
    -1,
    0,
    2**31,
    2**63 - 1,
    -(2**63),
    2**64,
    10**40,
    0.5,
    1e308,
    True,
    None,
    [],
    [[]],
    ["a", 1, None, {}],
    ["tag"] * 300,
    {},
    {"a": {"b": {"c": []}}},
    {"": ""},
    {"data": "%", "content_type": "\r\n", "file_name": "/"},
    {"data": "aGVsbG8=", "content_type": "text/html; charset=\x00", "file_name": "\x00" * 300},
)
values = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=20),
    st.integers(),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
        max_leaves=8,
    ),
)
CONTENT_TYPES = (
    "application/json",
    "application/json; charset=utf-16",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=limit",
    "multipart/form-data",
    "text/plain",
    "application/octet-stream; charset=\xff",
    "",
)


@dataclass(frozen=True)
class Body:
    """What is sent, and as what."""

    content_type: str
    content: bytes


def as_json(parameters: Mapping[str, Any]) -> Body:
    # Lone surrogates go out escaped, as some programs send them.
    return Body("application/json", json.dumps(parameters).encode())


def as_form(parameters: Mapping[str, Any]) -> Body:
    return Body("application/x-www-form-urlencoded", urlencode(list(bracketed(parameters)), errors="replace").encode())


def as_multipart(parameters: Mapping[str, Any]) -> Body:
    parts = [
        b'--limit\r\nContent-Disposition: form-data; name="'
        + name.encode(errors="replace").replace(b'"', b"%22").replace(b"\r", b"").replace(b"\n", b"")
        + (b'"; filename="a.txt"\r\n\r\n' if name in ("content", "image") else b'"\r\n\r\n')
        + value.encode(errors="replace")
        + b"\r\n"
        for name, value in bracketed(parameters)
    ]
    return Body("multipart/form-data; boundary=limit", b"".join(parts) + b"--limit--\r\n")


def bracketed(parameters: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Names and texts as Rails would write them."""
    for name, value in parameters.items():
        full = f"{within}[{name}]" if within else name
        if isinstance(value, dict):
            yield from bracketed(value, full)
        elif isinstance(value, list):
            yield from ((f"{full}[]", str(one)) for one in value)
        else:
            yield full, str(value)


BODIES = (as_json, as_form, as_multipart)


def send(world: World, method: str, target: str, body: Body | None, headers: Mapping[str, str]) -> Answer:
    """The answer to a request of exactly these bytes."""
    if body is not None and body.content_type:
        headers = {**headers, "Content-Type": body.content_type}
    return world.wire.carry(method, target, None if body is None else body.content, headers)


DERIVED = ("words", "tags")
"""What is brought up to date later, whoever asks: the beginning of the names of tables for searching."""


def rows(world: World) -> dict[str, int]:
    """How many rows each table has."""

    def counted(tx: Transaction) -> dict[str, int]:
        names = [str(row[0]) for row in tx.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: int(tx.rows(f'SELECT COUNT(*) FROM "{name}"')[0][0]) for name in names if not name.startswith(DERIVED)
        }

    return world.server.do(counted)


def check(world: World, row: Endpoint[Any], target: str, body: Body | None, headers: Mapping[str, str]) -> Answer:
    """Send, and see that it was answered, and that nothing is left of it where it was refused."""
    before = rows(world)

    answer = send(world, row.method, target, body, headers)

    assert answer.status not in (500, 503), answer
    if answer.status >= 400:
        assert json.loads(answer.body)["message"]
        assert grown(before, rows(world)) <= (BEGUN if row is endpoints.SEND_PRIVATELY else set())
    return answer


BEGUN = {"conversations", "logs"}
"""A private conversation begins before a file is kept, whose address names it; an empty one is like none."""


def grown(before: Mapping[str, int], after: Mapping[str, int]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


@SETTINGS
@given(data=st.data(), case=st.sampled_from(CASES))
def test_almost_right_requests(server: Server, wire: Wire, data: st.DataObject, case: Any) -> None:
    world = new_world(server, wire)
    row: Endpoint[Any] = case.row
    names = [*case.at, *case.parameters, *sorted(row.parameters.__annotations__)]
    at = {name: str(world.filled(value)) for name, value in case.at.items()}
    parameters = world.filled(dict(case.parameters))
    for name in data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2)) if names else ():
        value = data.draw(values, label=name)
        (at if name in at else parameters)[name] = value
    path = row.url(**{name: str(value).encode(errors="replace").decode() for name, value in at.items()})
    body = data.draw(st.sampled_from(BODIES))(parameters)

    check(world, row, path, body, world.headers(FOUNDER))


CONTENTS = (
    b"[" * 100_000,
    b'{"a":' * 5000,
    b"a[b][c]=1&a[b]=2&a=3",
    b"a" + b"[x]" * 1000 + b"=1",
    b"&".join(b"a%d=" % number for number in range(5000)),
    b"--limit\r\n",
    b"--limit\r\nContent-Disposition: form-data\r\n\r\nx\r\n--limit--",
    b'--limit\r\nContent-Disposition: form-data; name="content"; filename="\xff\x00"\r\n\r\nx',
    b"--limit--",
    b"%",
    b"%zz=%u1234&=",
    b'{"content":"\\ud800","event":"message"}',
    b'{"content":"\\u0000"}',
    b'{"id":1' + b"0" * 5000 + b"}",
    b"\xef\xbb\xbf{}",
)
bodies = st.builds(
    Body,
    st.sampled_from(CONTENT_TYPES),
    st.one_of(
        st.binary(max_size=200),
        st.builds(lambda value: json.dumps(value).encode(), values),
        st.sampled_from(CONTENTS),
    ),
)
queries = st.one_of(st.just(""), st.binary(max_size=40).map(quote), st.sampled_from(["a[]=1&a[b]=2", "%ff=%00", "[]="]))


@SETTINGS
@given(row=st.sampled_from(ROWS), body=bodies, query=queries)
def test_any_bytes_as_a_body(server: Server, wire: Wire, row: Endpoint[Any], body: Body, query: str) -> None:
    world = new_world(server, wire)
    case = next(one for one in CASES if one.row is row)
    path = row.url(**{name: world.filled(value) for name, value in case.at.items()})

    check(world, row, f"{path}?{query}", body, world.headers(FOUNDER))


@SETTINGS
@given(
    row=st.sampled_from(ROWS),
    header=st.one_of(
        st.binary(max_size=40).map(lambda raw: "Basic " + b64encode(raw).decode()),
        st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=60),
        st.sampled_from(["Basic", "Basic ====", "Bearer", "Bearer \xff", "Basic \xff\xfe", "Digest x", "x" * 5000]),
    ),
    token=st.one_of(st.none(), st.text(max_size=40)),
)
def test_any_credentials(server: Server, wire: Wire, row: Endpoint[Any], header: str, token: str | None) -> None:
    world = new_world(server, wire)
    case = next(one for one in CASES if one.row is row)
    path = row.url(**{name: world.filled(value) for name, value in case.at.items()})
    query = "" if token is None else "?" + urlencode({"access_token": token, "flow_token": token}, errors="replace")

    answer = check(world, row, path + query, None, {"Authorization": header.strip()})

    assert answer.status < 500


PAGES = (
    "/",
    "/docs",
    "/login",
    "/logout",
    "/oauth/authorize",
    "/oauth/authorize/x",
    "/invitations/x",
    "/invitations/x/accept",
    "/password_resets",
    "/password_resets/x",
    "/password_resets/x/set",
    "/forgotten_password",
    "/avatars/1.svg",
    "/style.css",
)


@SETTINGS
@given(
    call=st.tuples(st.sampled_from(["GET", "POST", "HEAD", "PUT"]), st.sampled_from(PAGES)),
    names=st.lists(
        st.sampled_from(["next", "email", "password", "client_id", "redirect_uri", "scope", "state", "response_type"]),
        max_size=4,
    ),
    data=st.data(),
)
def test_any_page(server: Server, wire: Wire, call: tuple[str, str], names: list[str], data: st.DataObject) -> None:
    method, path = call
    parameters = {name: data.draw(values, label=name) for name in names}
    body = data.draw(st.sampled_from((as_form, as_multipart)))(parameters)
    query = "?" + urlencode(list(bracketed(parameters)), errors="replace")
    headers = {"Content-Type": body.content_type, "Origin": data.draw(st.sampled_from([server.url, "null", "x"]))}

    answer = wire.carry(method, path + query, body.content if method == "POST" else None, headers)

    assert answer.status < 500, answer


@SETTINGS
@given(
    name=st.sampled_from(["filter", "user", "active", "presence", "accept", "access_token", "last_event_id"]),
    value=st.one_of(st.sampled_from([one for one in NASTY if isinstance(one, str)]), st.text(max_size=30)),
    cursor=st.one_of(st.just(""), st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=40)),
)
@example(name="filter", value="acme/main,,/", cursor="1-")
@example(name="user", value="1", cursor="9" * 40)
def test_any_stream(server: Server, name: str, value: str, cursor: str) -> None:
    query = urlencode({"user": "1", name: value}, errors="replace")
    headers = {"Authorization": "Basic " + b64encode(server.user.token.encode()).decode(), "Last-Event-ID": cursor}

    with Stream(server.url, f"/stream/flows?{query}", {**headers, "Accept": "text/event-stream"}) as stream:
        assert stream.status in (200, 400, 401, 403, 404)
