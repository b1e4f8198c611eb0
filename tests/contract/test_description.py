"""The server describes itself."""

from flowdock.protocol import endpoints
from flowdock.testing import Server
from tests.contract.plain import Caller, ask


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
