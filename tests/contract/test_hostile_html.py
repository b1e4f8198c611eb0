"""HTML of integrations comes out without anything that could run, wherever it went in, and whoever asks for it."""

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from flowdock.server.domain import html
from flowdock.testing import Server
from tests.contract.cast import Wire
from tests.contract.flows import NewFlow, make_flow
from tests.contract.plain import Answer, Caller, basic
from tests.contract.vectors import ADDRESSES, VECTORS

_TAGS = """
a abbr acronym area article aside b bdi bdo blockquote br caption center cite code col colgroup data dd del details dfn
div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd kdb li map mark nav ol p pre q rp
rt rtc ruby s samp small span strike strong sub summary sup table tbody td th thead time tr tt u ul var wbr
"""
_ATTRIBUTES = """
align alt char charoff cite colspan datetime headers height href hreflang lang open rowspan scope size span src start
summary title type value width
"""
HARMLESS_TAGS = frozenset(_TAGS.split())
HARMLESS_ATTRIBUTES = frozenset(_ATTRIBUTES.split())
ADDRESS_ATTRIBUTES = frozenset({"href", "src", "cite"})
HARMLESS_ADDRESSES = ("http://", "https://", "mailto:", "cid:")


class Finds(HTMLParser):
    """What in a piece of HTML could do more than be read."""

    def __init__(self, tags: frozenset[str] = HARMLESS_TAGS) -> None:
        super().__init__()
        self.tags = tags
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.tags:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name not in HARMLESS_ATTRIBUTES:
                self.found.append(f"{name} of <{tag}>")
            elif name in ADDRESS_ATTRIBUTES and ":" in (value or "") and not str(value).startswith(HARMLESS_ADDRESSES):
                self.found.append(f"{name}={value!r} of <{tag}>")

    def handle_decl(self, decl: str) -> None:
        self.found.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.found.append(f"<?{data}>")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}-->")

    def unknown_decl(self, data: str) -> None:
        self.found.append(f"<![{data}")


def dangers(text: str, tags: frozenset[str] = HARMLESS_TAGS) -> list[str]:
    finds = Finds(tags)
    finds.feed(text)
    finds.close()
    return finds.found


@pytest.fixture(scope="module")
def flow(server: Server) -> NewFlow:
    return make_flow(server)


def presented(wire: Wire, flow: NewFlow, **more: Any) -> Answer:
    parameters = {
        "flow_token": flow.flow_token,
        "event": "discussion",
        "external_thread_id": "1",
        "title": "t",
        "body": "b",
        "author": {"name": "Robo"},
        "thread": {"title": "t"},
    }
    return wire.ask("POST", "/messages", {**parameters, **more}, {"X-flowdock-wait-for-message": "true"})


def dangers_told(message: Any) -> list[str]:
    """In everything of a message that is HTML; of titles and fields only links may be left."""
    thread = message["thread"]
    links_only = [message["title"], *(field["value"] for field in thread["fields"])]
    bodies = [message["body"] or "", thread["body"] or ""]
    return [
        *(danger for text in links_only for danger in dangers(text, frozenset({"a"}))),
        *(danger for text in bodies for danger in dangers(text)),
    ]


def test_the_vectors_are_dangerous() -> None:
    assert sum(not dangers(vector) for vector in VECTORS) < 10
    assert len(VECTORS) > 100


@pytest.mark.parametrize("vector", VECTORS)
def test_nothing_that_could_run_comes_out(server: Server, wire: Wire, flow: NewFlow, vector: str) -> None:
    title = f"{vector} done"

    told = presented(
        wire,
        flow,
        title=title,
        body=vector + "x",
        thread={"title": "t", "body": vector, "fields": [{"label": "l", "value": vector}]},
    )

    assert told.status == 201, told
    assert dangers_told(told.json) == []
    asked = wire.ask("GET", f"{flow.path}/messages/{told.json['id']}", {}, basic(server.user.token))
    assert dangers_told(asked.json) == []


def test_streams_tell_no_more_than_answers(server: Server, wire: Wire, flow: NewFlow) -> None:
    listener = Caller(server.url, basic(server.user.token))
    with listener.stream(f"/stream/flows/{flow.org}/{flow.name}") as stream:
        for vector in VECTORS[::10]:
            presented(wire, flow, title=f"{vector} done", body=vector + "x")
            assert dangers_told(stream.next()) == []


PUSHED: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "team_inbox content": lambda text: {
        "source": "CI",
        "from_address": "ci@example.com",
        "subject": "s",
        "content": text,
    },
    "jira issue_description_html": lambda text: {
        "event_type": "create",
        "issue_key": "A-1",
        "issue_description_html": text,
    },
}


@pytest.mark.parametrize("vector", VECTORS)
def test_pages_show_what_they_were_asked_for_as_text(wire: Wire, vector: str) -> None:
    asked = dict.fromkeys(("next", "client_id", "redirect_uri", "scope", "state", "response_type"), vector)
    for path in ("/login", "/oauth/authorize", "/docs"):
        answer = wire.ask("GET", path, asked, {"Accept": "text/html"})

        assert answer.status < 500
        assert vector.encode() not in answer.body
        assert "script-src" not in answer.headers.get("Content-Security-Policy", "script-src")


Push = Callable[[str, str], Any]


@pytest.fixture(scope="module")
def push(server: Server, wire: Wire, flow: NewFlow) -> Push:
    """What the inbox has after something of a kind was pushed with this text."""
    api_token = wire.ask("POST", f"{flow.path}/api_token", {}, basic(server.user.token)).json["api_token"]

    def pushed(kind: str, text: str) -> Any:
        service, member = kind.split()
        path = {"team_inbox": "/v1/messages/team_inbox", "jira": "/v1/jira"}[service]
        answer = wire.ask("POST", f"{path}/{api_token}", PUSHED[kind](text), {})
        assert answer.status == 200, answer
        newest = wire.ask("GET", f"{flow.path}/messages", {"limit": 1}, basic(server.user.token)).json[0]
        return newest["content"][member]

    return pushed


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize("kind", PUSHED)
def test_nothing_that_could_run_comes_out_of_the_inbox(push: Push, kind: str, vector: str) -> None:
    assert dangers(push(kind, vector + "x")) == []


ADDRESSED: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "thread.external_url": lambda url: {"thread": {"title": "t", "external_url": url}},
    "author.avatar": lambda url: {"author": {"name": "Robo", "avatar": url}},
    "thread.actions": lambda url: {
        "thread": {"title": "t", "actions": [{"@type": "ViewAction", "name": "n", "url": url}]}
    },
    "thread.actions image": lambda url: {
        "thread": {
            "title": "t",
            "actions": [{"@type": "ViewAction", "name": "n", "url": "https://a.example", "image": url}],
        }
    },
    "thread.actions target": lambda url: {
        "thread": {
            "title": "t",
            "actions": [{"@type": "UpdateAction", "name": "n", "target": {"@type": "EntryPoint", "urlTemplate": url}}],
        }
    },
}


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("member", ADDRESSED)
def test_an_address_that_runs_is_refused(wire: Wire, flow: NewFlow, member: str, address: str) -> None:
    refused = presented(wire, flow, **ADDRESSED[member](address))

    assert refused.status == 400
    assert list(refused.json["errors"]) == [member.split(maxsplit=1)[0]]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "call",
    [
        "PUT /users/{user} website",
        "PUT /users/{user} avatar",
        "POST {flow}/sources external_url",
        "PUT {flow}/sources/{source} external_url",
        "PUT {flow}/sources/{source} configuration_url",
        "POST /oauth/applications icon_url",
        "POST /oauth/applications setup_uri",
        "POST /oauth/applications redirect_uri",
        "POST {flow}/webhooks url",
    ],
)
def test_addresses_of_people_and_programs_do_not_run_either(
    server: Server, wire: Wire, flow: NewFlow, call: str, address: str
) -> None:
    method, path, member = call.format(flow=flow.path, user=server.user.id, source=flow.source_id).split()

    refused = wire.ask(method, path, {"name": "n", member: address}, basic(server.user.token))

    assert (refused.status, list(refused.json["errors"])) == (400, [member])


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed: apt-get install chromium")
@pytest.mark.slow
def test_a_browser_runs_nothing_of_it(tmp_path: Path) -> None:
    """Each piece is parsed twice, as a page would by putting what it read from one element into another."""
    assert ran_in_browser(tmp_path, list(VECTORS)) is True
    assert ran_in_browser(tmp_path, [html.safe(vector + "x") for vector in VECTORS]) is False
    assert ran_in_browser(tmp_path, [html.with_links_only(vector + "x") for vector in VECTORS]) is False


def ran_in_browser(folder: Path, pieces: list[str]) -> bool:
    page = folder / "page.html"
    page.write_text(
        f"""<!doctype html><meta charset=utf-8><title>quiet</title><script>
        function ran() {{ document.title = 'something ran' }}
        </script><pre id=pieces>{escape(json.dumps(pieces))}</pre><div id=first></div><div id=second></div><script>
        for (const piece of JSON.parse(document.getElementById('pieces').textContent)) {{
          const first = document.createElement('div'), second = document.createElement('div')
          document.getElementById('first').append(first)
          document.getElementById('second').append(second)
          first.innerHTML = piece
          second.innerHTML = first.innerHTML
          for (const link of second.querySelectorAll('a')) link.click()
        }}
        </script>""",
        encoding="utf-8",
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    dumped = subprocess.run(
        ["chromium", *options, "--virtual-time-budget=2000", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    ).stdout
    assert "<title>" in dumped
    return "<title>something ran</title>" in dumped
