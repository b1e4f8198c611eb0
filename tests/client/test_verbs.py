import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from flowdock.protocol import endpoints
from flowdock.protocol.endpoints import Endpoint
from tests.client.flavours import Connect
from tests.client.peer import Exchange, Serve

Verb: TypeAlias = Callable[[Any], Any]

FLOW = "/flows/acme/main"


async def answer_as_the_service_did(exchange: Exchange) -> None:
    if exchange.method == "GET":
        return await exchange.answer(200, [{"id": 1}])
    return await exchange.answer(
        201 if exchange.method == "POST" else 200, {} if exchange.method != "POST" else {"id": 1}
    )


async def answer_as_the_endpoints_say(exchange: Exchange) -> None:
    path = exchange.target.partition("?")[0]
    rows = [row for row in endpoints.ALL if row.method == exchange.method and _leads_to(path, row)]
    # Of two rows for one path, such as one with a name and one with any id, the one with fewer holes is meant.
    row = min(rows, key=lambda one: len(one.placeholders))
    await exchange.answer(row.status, [{"id": 1}], raw=b"" if row.status == 204 else None)


def _leads_to(path: str, row: Endpoint[Any]) -> bool:
    return re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(row.path)), path) is not None


@pytest.mark.parametrize(
    "verb,request_line",
    [
        pytest.param(lambda flow: flow.send("hi"), f"POST {FLOW}/messages", id="send"),
        (lambda flow: flow.show(7), f"GET {FLOW}/messages/7"),
        pytest.param(lambda flow: flow.edit(7, "hi"), f"PUT {FLOW}/messages/7", id="edit"),
        (lambda flow: flow.delete(7), f"DELETE {FLOW}/messages/7"),
        pytest.param(lambda flow: flow.upload(__file__), f"POST {FLOW}/messages", id="upload"),
        (lambda flow: flow.list(limit=1), f"GET {FLOW}/messages?limit=1"),
        (lambda flow: flow.threads(limit=1), f"GET {FLOW}/threads?limit=1"),
        (lambda flow: flow.thread("t").send("hi", ["a"]), f"POST {FLOW}/threads/t/messages"),
        pytest.param(lambda flow: flow.thread("t").upload(__file__), f"POST {FLOW}/threads/t/messages", id="reply"),
        (lambda flow: flow.thread("t").list(limit=1), f"GET {FLOW}/threads/t/messages?limit=1"),
        (lambda flow: flow.thread("t").show(), f"GET {FLOW}/threads/t"),
        (lambda flow: flow.info(), f"GET {FLOW}"),
        (lambda flow: flow.update(open=False), f"PUT {FLOW}"),
        (lambda flow: flow.comment(7, "hi"), f"POST {FLOW}/messages/7/comments"),
        pytest.param(lambda flow: flow.status("at lunch"), f"POST {FLOW}/messages", id="status"),
        pytest.param(lambda flow: flow.line("waves"), f"POST {FLOW}/messages", id="line"),
        pytest.param(lambda flow: flow.typing(), f"POST {FLOW}/messages", id="typing"),
        pytest.param(lambda flow: flow.react(7, "tada"), f"POST {FLOW}/messages/7/emoji_reaction", id="react"),
        pytest.param(lambda flow: flow.unreact(7, "tada"), f"POST {FLOW}/messages/7/emoji_reaction", id="unreact"),
        pytest.param(lambda flow: flow.rethread(7), f"PUT {FLOW}/messages/7", id="rethread"),
        (lambda flow: flow.thread("t").run_action("k3y"), f"POST {FLOW}/threads/t/actions/k3y"),
        (lambda flow: flow.unread(), f"GET {FLOW}/unread"),
        (lambda flow: flow.mark_read(thread_id="t", until_id=7), f"DELETE {FLOW}/unread?thread_id=t&until_id=7"),
        (lambda flow: flow.users(), f"GET {FLOW}/users"),
        (lambda flow: flow.add_user(42), f"POST {FLOW}/users"),
        pytest.param(lambda flow: flow.block(42), f"PUT {FLOW}/users/42", id="block"),
        pytest.param(lambda flow: flow.unblock(42), f"PUT {FLOW}/users/42", id="unblock"),
        pytest.param(lambda flow: flow.make_admin(42), f"PUT {FLOW}/users/42", id="make_admin"),
        (lambda flow: flow.invitations(), f"GET {FLOW}/invitations"),
        (lambda flow: flow.invitation(3), f"GET {FLOW}/invitations/3"),
        (lambda flow: flow.invite("dora@example.com", "come"), f"POST {FLOW}/invitations"),
        (lambda flow: flow.import_invitations("a@example.com"), f"POST {FLOW}/invitations/import"),
        (lambda flow: flow.cancel_invitation(3), f"DELETE {FLOW}/invitations/3"),
        (lambda flow: flow.join_url(), f"GET {FLOW}/join_url"),
        (lambda flow: flow.renew_join_url(), f"POST {FLOW}/join_url"),
        (lambda flow: flow.remove_join_url(), f"DELETE {FLOW}/join_url"),
        (lambda flow: flow.renew_api_token(), f"POST {FLOW}/api_token"),
        (lambda flow: flow.sources(), f"GET {FLOW}/sources"),
        (lambda flow: flow.source(3), f"GET {FLOW}/sources/3"),
        (lambda flow: flow.create_source("CI"), f"POST {FLOW}/sources"),
        (lambda flow: flow.update_source(3, name="CI"), f"PUT {FLOW}/sources/3"),
        (lambda flow: flow.remove_source(3), f"DELETE {FLOW}/sources/3"),
        (lambda flow: flow.webhooks(), f"GET {FLOW}/webhooks"),
        (lambda flow: flow.webhook(3), f"GET {FLOW}/webhooks/3"),
        (lambda flow: flow.create_webhook("https://a.example", ["file"]), f"POST {FLOW}/webhooks"),
        (lambda flow: flow.update_webhook(3, active=False), f"PUT {FLOW}/webhooks/3"),
        (lambda flow: flow.remove_webhook(3), f"DELETE {FLOW}/webhooks/3"),
        (lambda flow: flow.deliveries(3, limit=5), f"GET {FLOW}/webhooks/3/deliveries?limit=5"),
        (lambda flow: flow.replay(3, 9), f"POST {FLOW}/webhooks/3/deliveries/9/replay"),
    ],
)
def test_each_verb_of_a_flow_asks_what_it_says(connect: Connect, serve: Serve, verb: Verb, request_line: str) -> None:
    peer = serve(answer_as_the_endpoints_say)

    verb(connect(token="t0ken", org="acme", flow="main", api_url=peer.url))

    assert [f"{request.method} {request.target}" for request in peer.requests] == [request_line]


@pytest.mark.parametrize(
    "verb,request_line",
    [
        pytest.param(lambda private: private.send("hi", "a,b"), "POST /private/42/messages", id="send"),
        (lambda private: private.show(7), "GET /private/42/messages/7"),
        (lambda private: private.edit(7, tags=["a"]), "PUT /private/42/messages/7"),
        (lambda private: private.delete(7), "DELETE /private/42/messages/7"),
        pytest.param(lambda private: private.upload(Path(__file__)), "POST /private/42/messages", id="upload"),
        (lambda private: private.list(event="file"), "GET /private/42/messages?event=file"),
        pytest.param(lambda private: private.typing(), "POST /private/42/messages", id="typing"),
        pytest.param(
            lambda private: private.react(7, "tada"), "POST /private/42/messages/7/emoji_reaction", id="react"
        ),
        pytest.param(
            lambda private: private.unreact(7, "tada"), "POST /private/42/messages/7/emoji_reaction", id="unreact"
        ),
        (lambda private: private.info(), "GET /private/42"),
        pytest.param(lambda private: private.open(), "PUT /private/42", id="open"),
        pytest.param(lambda private: private.close_conversation(), "PUT /private/42", id="close_conversation"),
    ],
)
def test_each_verb_of_a_private_conversation_asks_what_it_says(
    connect: Connect, serve: Serve, verb: Verb, request_line: str
) -> None:
    peer = serve(answer_as_the_endpoints_say)

    verb(connect(token="t0ken", uid=42, api_url=peer.url))

    assert [f"{request.method} {request.target}" for request in peer.requests] == [request_line]


@pytest.mark.parametrize(
    "verb,request_line",
    [
        (lambda client: client.me(), "GET /user"),
        (lambda client: client.users(), "GET /users"),
        (lambda client: client.flows(), "GET /flows"),
        (lambda client: client.flows(users=True), "GET /flows?users=1"),
        (lambda client: client.all_flows(users=True), "GET /flows/all?users=1"),
        (lambda client: client.find_flow("f10"), "GET /flows/find?id=f10"),
        (lambda client: client.create_flow("acme", "New"), "POST /flows/acme"),
        (lambda client: client.user(42), "GET /users/42"),
        (lambda client: client.update_user(42, nick="Ray"), "PUT /users/42"),
        (lambda client: client.organizations(), "GET /organizations"),
        (lambda client: client.organization("acme"), "GET /organizations/acme"),
        (lambda client: client.find_organization(3), "GET /organizations/find?id=3"),
        (lambda client: client.update_organization("acme", name="Acme"), "PUT /organizations/acme"),
        (lambda client: client.organization_users("acme"), "GET /organizations/acme/users"),
        (lambda client: client.organization_user("acme", 42), "GET /organizations/acme/users/42"),
        (lambda client: client.make_admin("acme", 42), "PUT /organizations/acme/users/42"),
        (lambda client: client.remove_user("acme", 42), "DELETE /organizations/acme/users/42"),
        (lambda client: client.audit_users("acme"), "GET /organizations/acme/audits/users"),
        (lambda client: client.emoji("acme"), "GET /organizations/acme/emoji"),
        pytest.param(
            lambda client: client.add_emoji("acme", ":shipit:", __file__), "POST /organizations/acme/emoji", id="emoji"
        ),
        (lambda client: client.remove_emoji("acme", "shipit"), "DELETE /organizations/acme/emoji/shipit"),
        (lambda client: client.renew_scim_token("acme"), "POST /organizations/acme/scim"),
        (lambda client: client.remove_scim_token("acme"), "DELETE /organizations/acme/scim"),
        (lambda client: client.conversations(), "GET /private"),
        (lambda client: client.sources(), "GET /sources"),
        (lambda client: client.search("a b", limit=5), "GET /search?q=a+b&limit=5"),
        (lambda client: client.unread(), "GET /unread"),
        (lambda client: client.mentions(limit=5), "GET /notifications/mentions?limit=5"),
        (lambda client: client.unread_mentions(), "GET /notifications/unreads"),
        (lambda client: client.accept_invitation("k3y"), "POST /invitations/k3y"),
        (lambda client: client.tokens(), "GET /user/tokens"),
        (lambda client: client.create_token("backup", ["flow"]), "POST /user/tokens"),
        (lambda client: client.revoke_token(3), "DELETE /user/tokens/3"),
        (lambda client: client.applications(), "GET /oauth/applications"),
        (lambda client: client.application(3), "GET /oauth/applications/3"),
        (lambda client: client.create_application("CI"), "POST /oauth/applications"),
        (lambda client: client.update_application(3, name="CI"), "PUT /oauth/applications/3"),
        (lambda client: client.renew_client_secret(3), "POST /oauth/applications/3/client_secret"),
        (lambda client: client.remove_application(3), "DELETE /oauth/applications/3"),
    ],
)
def test_each_verb_of_a_client_asks_what_it_says(connect: Connect, serve: Serve, verb: Verb, request_line: str) -> None:
    peer = serve(answer_as_the_endpoints_say)

    with connect(token="t0ken", api_url=peer.url) as client:
        assert verb(client) == (None if request_line.startswith("DELETE") else [{"id": 1}])

    assert [f"{request.method} {request.target}" for request in peer.requests] == [request_line]


def test_a_service_presents_and_is_closed(connect: Connect, serve: Serve) -> None:
    peer = serve(lambda exchange: exchange.answer(202, {}))

    with connect(flow_token="s0urce", api_url=peer.url) as service:
        service.present(
            "ITEM-1", author={"name": "Ray"}, title="commented", body="<p>text</p>", thread={"title": "Item"}
        )

    content = peer.requests[0].json
    assert len(content.pop("uuid")) == 22
    assert content == {
        "flow_token": "s0urce",
        "event": "discussion",
        "external_thread_id": "ITEM-1",
        "author": {"name": "Ray"},
        "title": "commented",
        "body": "<p>text</p>",
        "thread": {"title": "Item"},
    }


def test_edit_and_delete_answer_nothing(connect: Connect, serve: Serve) -> None:
    peer = serve(answer_as_the_service_did)
    flow = connect(token="t0ken", org="acme", flow="main", api_url=peer.url)

    assert (flow.edit(7, content="hi", tags=["a"]), flow.delete(7)) == (None, None)
    assert peer.requests[0].json == {"content": "hi", "tags": ["a"]}


@pytest.mark.parametrize(
    "verb,request_line",
    [
        (lambda service: service.source(), "GET /sources?flow_token=s0urce"),
        pytest.param(lambda service: service.update(name="CI"), "PUT /sources", id="update"),
        pytest.param(lambda service: service.problem("broken"), "PUT /sources", id="problem"),
        (lambda service: service.send("hi", "CI"), "POST /messages"),
        (lambda service: service.comment(7, "hi", "CI"), "POST /comments"),
        pytest.param(
            lambda service: service.attach([__file__], "1", {"name": "Ray"}, "did"), "POST /messages", id="attach"
        ),
    ],
)
def test_each_verb_of_a_service_asks_what_it_says(
    connect: Connect, serve: Serve, verb: Verb, request_line: str
) -> None:
    peer = serve(answer_as_the_service_did)

    verb(connect(flow_token="s0urce", api_url=peer.url))

    assert [f"{request.method} {request.target}" for request in peer.requests] == [request_line]


def test_a_problem_that_is_over_is_an_empty_text(connect: Connect, serve: Serve) -> None:
    peer = serve(answer_as_the_service_did)

    connect(flow_token="s0urce", api_url=peer.url).problem(None)

    assert peer.requests[0].json == {"flow_token": "s0urce", "error_message": ""}
