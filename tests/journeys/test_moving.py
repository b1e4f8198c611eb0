"""A site that moved to PostgreSQL and back gives the same answers as before, byte for byte."""

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import flowdock
from flowdock.cli.app import app
from flowdock.protocol import endpoints
from flowdock.protocol import parameters as parameters_of
from flowdock.testing import Account, Server
from tests.journeys.talking import basic
from tests.journeys.test_any_calls import CALLS, Caller, a_flow_of_its_own, make, port_of
from tests.server.files.office import picture
from tests.services.postgres import Databases

LAST_WORD = "the very last word"
PEOPLE = (1, 2, 3, 4)

LISTS: tuple[dict[str, Any], ...] = (
    {},
    {"limit": 100, "sort": "asc"},
    {"limit": 3, "until_id": 20},
    {"limit": 7, "since_id": 5, "skip": 2},
    {"event": "message,comment,file"},
    {"event": "activity", "app": "influx"},
    {"tags": "a,b", "tag_mode": "or", "limit": 50},
    {"tags": "tag2", "limit": 50},
    {"search": "hello", "limit": 50},
    {"search": "hello again", "tags": "tag", "limit": 50},
    {"search": "東京", "limit": 50},
    {"search": "nowhere"},
)
THREADS: tuple[dict[str, Any], ...] = ({}, {"limit": 100}, {"limit": 5, "empty": 1}, {"application": "CI"})
FLOWS: tuple[dict[str, Any], ...] = ({}, {"users": 1})


@dataclass(frozen=True)
class Site:
    """What was made on the first server, by which the others are asked about it."""

    flows: tuple[str, ...]
    threads: tuple[str, ...]
    last_number: int
    files: tuple[str, ...]


def fill(server: Server, calls: list[tuple[Any, ...]], folder: Path) -> Site:
    """Let three people and an integration make calls, and have a last word everywhere."""
    flow, token = server.do(lambda tx: a_flow_of_its_own(tx, server))
    with closing(Caller(server)) as caller:
        make(calls, caller, flow=flow, token=token)
        files = tuple(uploads(server, flow, folder))
        shown = caller.ask("GET", f"{flow}/threads?limit=100")[1]
        last_word = {"event": "message", "content": LAST_WORD}
        for place in (f"/flows/{server.org}/{server.flow}", "/private/2", "/private/3"):
            caller.ask("POST", f"{place}/messages", content=last_word)
        last = caller.ask("POST", f"{flow}/messages", content=last_word)[1]
    flows = (f"{server.org}/{server.flow}", flow.removeprefix("/flows/"))
    return Site(flows, tuple(thread["id"] for thread in shown), last["id"], files)


def uploads(server: Server, flow: str, folder: Path) -> Iterator[str]:
    """The paths of files that were uploaded."""
    org, _, name = flow.removeprefix("/flows/").partition("/")
    with flowdock.connect(token=server.user.token, org=org, flow=name, api_url=server.url) as place:
        for file_name, body in (("plan b.png", picture(300, 200)), ("naïve.txt", b"hello"), ("empty", b"")):
            (folder / file_name).write_bytes(body)
            yield place.upload(folder / file_name)["content"]["path"]  # type: ignore[index]


# ----------------------------------------------------------------------------------------------------- what is asked


def questions(site: Site) -> Iterator[str]:
    """The address of everything that can be read."""
    for row in endpoints.ALL:
        if row.method == "GET":
            for place in places(site, row):
                yield from (f"{place}?{urlencode(given)}" for given in parameters(site, row))
    for path in site.files:
        yield quote(path)
        yield quote(f"{path}/thumb")


def places(site: Site, row: endpoints.Endpoint[Any]) -> Iterator[str]:
    """All addresses of a row, and one of something that is not there."""
    ids = range(1, site.last_number + 2)
    values: dict[str, Any] = {
        "id": ids if "id" in row.placeholders else [0],
        "user_id": PEOPLE if "user_id" in row.placeholders else [0],
        "thread_id": (*site.threads, "nowhere") if "thread_id" in row.placeholders else [""],
        "flow": (*site.flows, "acme/nowhere") if "flow" in row.placeholders else ["/"],
    }
    for flow in values["flow"]:
        org, _, name = flow.partition("/")
        for user_id in values["user_id"]:
            for thread_id in values["thread_id"]:
                for number in values["id"]:
                    yield row.url(org=org, flow=name, user_id=user_id, thread_id=thread_id, id=number, uid="nowhere")


def parameters(site: Site, row: endpoints.Endpoint[Any]) -> tuple[dict[str, Any], ...]:
    """What to ask beside the path."""
    if row.parameters is parameters_of.ListParameters:
        return LISTS
    if row.parameters is parameters_of.ThreadListParameters:
        return THREADS
    if row is endpoints.FIND_FLOW:
        return tuple({"id": flow.replace("/", ":")} for flow in site.flows)
    return FLOWS if "users" in row.parameters.__annotations__ else ({},)


class Asker:
    """Asks a server over one connection."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=20)

    def close(self) -> None:
        self._connection.close()

    def answer(self, account: Account, path: str) -> tuple[Any, ...]:
        """Status, headers and body; of a redirect those of what it leads to."""
        status, headers, body = self._get(path, basic(account.token))
        if status == 302:
            # The address itself is another every five minutes.
            status, headers, body = self._get(headers["location"].removeprefix(self._server._settings.public_url), {})
        # How long a file may be kept counts the seconds that its address still holds.
        headers = {
            name: re.sub(r"max-age=\d+", "max-age=…", value) for name, value in headers.items() if name != "date"
        }
        return path, status, headers, body

    def _get(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self._connection.request("GET", path, headers=headers)
        response = self._connection.getresponse()
        body = response.read()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, body


def streamed(server: Server, account: Account, path: str, *, kind: str, last_words: int) -> tuple[Any, ...]:
    """The cursor that a stream begins at, and all it replays from the first event on."""
    with closing(http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=20)) as connection:
        headers = basic(account.token) | {"Accept": kind}
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        cursor = response.headers["Flowdock-Cursor"]
    with closing(http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=20)) as connection:
        from_the_first = ",".join(f"{pair.rpartition(':')[0]}:0".lstrip(":") for pair in cursor.split(","))
        connection.request("GET", path, headers=headers | {"Last-Event-ID": from_the_first})
        response = connection.getresponse()
        body = b""
        while body.count(json.dumps(LAST_WORD).encode()) < last_words or not body.endswith(b"\n"):
            body += response.read1(65536)
        return cursor, response.status, body


# ------------------------------------------------------------------------------------------------------------ the move


def move(*words: str | Path) -> None:
    """Run `flowdock move`."""
    done = CliRunner().invoke(app, ["move", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0, done.output


@pytest.mark.slow
@settings(max_examples=2, phases=(Phase.reuse, Phase.generate))  # each takes too long to look for a smaller one
@given(calls=st.lists(CALLS, min_size=40, max_size=80))
def test_every_answer_is_the_same_after_a_move_to_postgres_and_back(
    calls: list[tuple[Any, ...]], tmp_path_factory: pytest.TempPathFactory, postgres: Databases
) -> None:
    folder = tmp_path_factory.mktemp("moving")
    database = postgres.url(postgres.create_unnamed())
    with Server(folder / "first") as first:
        site = fill(first, calls, folder)

    move("--from", folder / "first", "--to", database, "--to-files", folder / "files")
    move("--from", database, "--from-files", folder / "files", "--to", folder / "back")

    big = Server(folder / "big", database=database, files=str(folder / "files"), beside=first)
    back = Server(folder / "back", beside=first)
    for moved in (big, back):
        moved._settings = replace(moved._settings, public_url=first.url)
    with first, big, back:
        assert_same_answers((first, big, back), site)
    postgres.drop(database.rpartition("/")[2])


def assert_same_answers(servers: tuple[Server, ...], site: Site) -> None:
    """Ask all of them everything."""
    accounts = (servers[0].user, servers[0].second_user)
    asked = [(account, path) for account in accounts for path in questions(site)]
    found = 0
    with ExitStack() as opened:
        askers = [opened.enter_context(closing(Asker(server))) for server in servers]
        for account, path in asked:
            first, *others = (asker.answer(account, path) for asker in askers)
            assert others == [first] * len(others)
            found += first[1] == 200
    assert found > 300
    both = f"/stream/flows?filter={quote(','.join(site.flows), safe='')}&user=1"
    streams = [*((f"/stream/flows/{flow}", 1) for flow in site.flows), (both, 4)]
    for path, last_words in streams:
        for kind in ("text/event-stream", "application/json"):
            first, *others = (
                streamed(server, accounts[0], path, kind=kind, last_words=last_words) for server in servers
            )
            assert others == [first] * len(others)
