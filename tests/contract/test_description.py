"""The server describes itself, to programs and to people."""

import re

import pytest

from flowdock.protocol import endpoints
from flowdock.testing import Server
from tests.contract.plain import Answer, Caller, ask


def test_the_description_is_for_everybody_and_complete(server: Server) -> None:
    for path in ("/openapi.json", "/v1/openapi.json"):
        told = Caller(server.url).get(path)

        assert told.status == 200
        assert told.json["openapi"].startswith("3.1")
        assert told.json["servers"] == [{"url": server.url}]
        described = {(method.upper(), path) for path, methods in told.json["paths"].items() for method in methods}
        assert described == {(row.method, row.path) for row in endpoints.ALL}


def test_the_description_says_who_may(alice: Caller) -> None:
    told = alice.get("/openapi.json").json["paths"]["/flows/{org}/{flow}/webhooks"]["post"]

    assert told["x-callers"] == ["an admin of the flow"]
    assert told["x-scopes"] == ["manage"]
    assert {"oauth": ["manage"]} in told["security"]
    assert "403" in told["responses"]


def test_other_sites_may_read_the_description(server: Server) -> None:
    told = ask(server.url, "GET", "/openapi.json", headers={"Origin": "https://editor.example"})

    assert told.headers["Access-Control-Allow-Origin"] == "https://editor.example"


@pytest.fixture(scope="module")
def page(server: Server) -> Answer:
    return ask(server.url, "GET", "/docs")


def test_people_find_every_endpoint_on_one_page(page: Answer) -> None:
    text = page.body.decode()

    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    for row in endpoints.ALL:
        assert f'<article id="{row.name}">' in text
        assert f"<code>{row.path}</code>" in text


def test_every_link_on_the_page_leads_somewhere(server: Server, page: Answer) -> None:
    text = page.body.decode()
    targets = re.findall(r'id="([^"]+)"', text)

    assert len(targets) == len(set(targets))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(targets)
    for path in set(re.findall(r'href="(/[^"]*)"', text)):
        answer = ask(server.url, "GET", path)
        # The documentation is built by `make docs`; without it there is a page that says so.
        assert answer.status == 200 or (path.startswith("/help") and b"make docs" in answer.body)


def test_the_page_runs_nothing_and_loads_nothing_from_elsewhere(page: Answer) -> None:
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';")
    assert b"<script" not in page.body
    assert b" style=" not in page.body


def test_examples_are_escaped(page: Answer) -> None:
    assert b"&lt;di@example.com&gt;" in page.body
    assert b"<di@example.com>" not in page.body
