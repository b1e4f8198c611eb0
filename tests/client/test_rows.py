"""Every row of the table of endpoints has one call, and each call goes where its row says."""

from pathlib import Path
from typing import Any

import pytest

from flowdock.client import calls, places
from flowdock.client.calls import Call
from flowdock.protocol import endpoints

FLOW = places.flow("acme", "main")
THREAD = places.thread("acme", "main", "aB3_d-E")
PRIVATE = places.private(42)
HERE = ("acme", "main")
UUID = "AbCdEfGhIjKlMnOpQrStUv"
PICTURE = Path("a.png")

CALLS: list[tuple[Call[Any], str]] = [
    (calls.messages.send(FLOW, "hi", uuid=UUID), "POST /flows/acme/main/messages"),
    (calls.messages.send(THREAD, "hi", uuid=UUID), "POST /flows/acme/main/threads/aB3_d-E/messages"),
    (calls.messages.send(PRIVATE, "hi", uuid=UUID), "POST /private/42/messages"),
    (calls.messages.set_status(FLOW, "at lunch", uuid=UUID), "POST /flows/acme/main/messages"),
    (calls.messages.typing(PRIVATE), "POST /private/42/messages"),
    (calls.messages.comment(*HERE, 7, "hi", uuid=UUID), "POST /flows/acme/main/messages/7/comments"),
    (calls.messages.upload(FLOW, PICTURE, uuid=UUID), "POST /flows/acme/main/messages"),
    (calls.messages.upload(PRIVATE, PICTURE, uuid=UUID), "POST /private/42/messages"),
    (calls.messages.list_messages(FLOW, {}), "GET /flows/acme/main/messages"),
    (calls.messages.list_messages(THREAD, {}), "GET /flows/acme/main/threads/aB3_d-E/messages"),
    (calls.messages.list_messages(PRIVATE, {}), "GET /private/42/messages"),
    (calls.messages.show_message(FLOW, 7), "GET /flows/acme/main/messages/7"),
    (calls.messages.show_message(PRIVATE, 7), "GET /private/42/messages/7"),
    (calls.messages.edit_message(FLOW, 7, content="x"), "PUT /flows/acme/main/messages/7"),
    (calls.messages.edit_message(PRIVATE, 7, content="x"), "PUT /private/42/messages/7"),
    (calls.messages.rethread(*HERE, 7, None), "PUT /flows/acme/main/messages/7"),
    (calls.messages.delete_message(FLOW, 7), "DELETE /flows/acme/main/messages/7"),
    (calls.messages.delete_message(PRIVATE, 7), "DELETE /private/42/messages/7"),
    (calls.messages.react(FLOW, 7, "tada"), "POST /flows/acme/main/messages/7/emoji_reaction"),
    (calls.messages.unreact(PRIVATE, 7, "tada"), "POST /private/42/messages/7/emoji_reaction"),
    (calls.threads.list_threads(*HERE, {}), "GET /flows/acme/main/threads"),
    (calls.threads.show_thread(*HERE, "aB3_d-E"), "GET /flows/acme/main/threads/aB3_d-E"),
    (calls.threads.run_action(*HERE, "aB3_d-E", "k3y"), "POST /flows/acme/main/threads/aB3_d-E/actions/k3y"),
    (calls.searching.search("a b", limit=None, cursor=None), "GET /search"),
    (calls.flows.list_flows(), "GET /flows"),
    (calls.flows.all_flows(users=True), "GET /flows/all"),
    (calls.flows.find_flow("f10"), "GET /flows/find"),
    (calls.flows.create_flow("acme", "New", description=None, access_mode=None), "POST /flows/acme"),
    (calls.flows.show_flow(*HERE), "GET /flows/acme/main"),
    (calls.flows.update_flow(*HERE, {"open": True}), "PUT /flows/acme/main"),
    (calls.flows.show_join_url(*HERE), "GET /flows/acme/main/join_url"),
    (calls.flows.renew_join_url(*HERE), "POST /flows/acme/main/join_url"),
    (calls.flows.remove_join_url(*HERE), "DELETE /flows/acme/main/join_url"),
    (calls.flows.renew_api_token(*HERE), "POST /flows/acme/main/api_token"),
    (calls.flows.flow_users(*HERE), "GET /flows/acme/main/users"),
    (calls.flows.add_flow_user(*HERE, 42), "POST /flows/acme/main/users"),
    (calls.flows.update_flow_user(*HERE, 42, disabled=True), "PUT /flows/acme/main/users/42"),
    (calls.unread.unread(), "GET /unread"),
    (calls.unread.unread_in_flow(*HERE), "GET /flows/acme/main/unread"),
    (calls.unread.mark_read(*HERE), "DELETE /flows/acme/main/unread"),
    (calls.unread.mentions(limit=5), "GET /notifications/mentions"),
    (calls.unread.unreads(limit=None), "GET /notifications/unreads"),
    (calls.people.me(), "GET /user"),
    (calls.people.list_users(), "GET /users"),
    (calls.people.show_user(42), "GET /users/42"),
    (calls.people.update_user(42, {"nick": "Ray"}), "PUT /users/42"),
    (calls.tokens.list_tokens(), "GET /user/tokens"),
    (calls.tokens.create_token("backup", scopes=None), "POST /user/tokens"),
    (calls.tokens.revoke_token(3), "DELETE /user/tokens/3"),
    (calls.organizations.list_organizations(), "GET /organizations"),
    (calls.organizations.find_organization(3), "GET /organizations/find"),
    (calls.organizations.show_organization("acme"), "GET /organizations/acme"),
    (calls.organizations.update_organization("acme", {"name": "Acme"}), "PUT /organizations/acme"),
    (calls.organizations.organization_users("acme"), "GET /organizations/acme/users"),
    (calls.organizations.organization_user("acme", 42), "GET /organizations/acme/users/42"),
    (calls.organizations.update_organization_user("acme", 42, admin=True), "PUT /organizations/acme/users/42"),
    (calls.organizations.remove_user("acme", 42), "DELETE /organizations/acme/users/42"),
    (calls.organizations.audit_users("acme"), "GET /organizations/acme/audits/users"),
    (calls.organizations.list_emoji("acme"), "GET /organizations/acme/emoji"),
    (calls.organizations.add_emoji("acme", "shipit", PICTURE), "POST /organizations/acme/emoji"),
    (calls.organizations.remove_emoji("acme", "shipit"), "DELETE /organizations/acme/emoji/shipit"),
    (calls.organizations.renew_scim_token("acme"), "POST /organizations/acme/scim"),
    (calls.organizations.remove_scim_token("acme"), "DELETE /organizations/acme/scim"),
    (calls.conversations.list_conversations(), "GET /private"),
    (calls.conversations.show_conversation(42), "GET /private/42"),
    (calls.conversations.update_conversation(42, open=True), "PUT /private/42"),
    (calls.invitations.list_invitations(*HERE), "GET /flows/acme/main/invitations"),
    (calls.invitations.show_invitation(*HERE, 3), "GET /flows/acme/main/invitations/3"),
    (calls.invitations.invite(*HERE, "d@example.com", message=None), "POST /flows/acme/main/invitations"),
    (calls.invitations.import_invitations(*HERE, "d@x", message=None), "POST /flows/acme/main/invitations/import"),
    (calls.invitations.cancel_invitation(*HERE, 3), "DELETE /flows/acme/main/invitations/3"),
    (calls.invitations.accept_invitation("k3y"), "POST /invitations/k3y"),
    (calls.sources.list_sources(), "GET /sources"),
    (calls.sources.update_own_source("t", {"error_message": ""}), "PUT /sources"),
    (calls.sources.flow_sources(*HERE), "GET /flows/acme/main/sources"),
    (calls.sources.show_source(*HERE, 3), "GET /flows/acme/main/sources/3"),
    (
        calls.sources.create_source(*HERE, "CI", external_url=None, application_id=None),
        "POST /flows/acme/main/sources",
    ),
    (calls.sources.update_source(*HERE, 3, {"name": "CI"}), "PUT /flows/acme/main/sources/3"),
    (calls.sources.remove_source(*HERE, 3), "DELETE /flows/acme/main/sources/3"),
    (calls.integrating.present("t", id="1", author={"name": "Ray"}, title="did", uuid=UUID), "POST /messages"),
    (calls.integrating.send("t", "hi", name="CI", uuid=UUID), "POST /messages"),
    (calls.integrating.comment("t", 7, "hi", name="CI", uuid=UUID), "POST /comments"),
    (calls.webhooks.list_webhooks(*HERE), "GET /flows/acme/main/webhooks"),
    (
        calls.webhooks.create_webhook(*HERE, "https://a.example", events=None, secret=None),
        "POST /flows/acme/main/webhooks",
    ),
    (calls.webhooks.show_webhook(*HERE, 3), "GET /flows/acme/main/webhooks/3"),
    (calls.webhooks.update_webhook(*HERE, 3, {"active": False}), "PUT /flows/acme/main/webhooks/3"),
    (calls.webhooks.remove_webhook(*HERE, 3), "DELETE /flows/acme/main/webhooks/3"),
    (calls.webhooks.list_deliveries(*HERE, 3, {}), "GET /flows/acme/main/webhooks/3/deliveries"),
    (calls.webhooks.replay_delivery(*HERE, 3, 9), "POST /flows/acme/main/webhooks/3/deliveries/9/replay"),
    (calls.applications.list_applications(), "GET /oauth/applications"),
    (calls.applications.create_application("CI", redirect_uri=None), "POST /oauth/applications"),
    (calls.applications.show_application(3), "GET /oauth/applications/3"),
    (calls.applications.update_application(3, {"name": "CI"}), "PUT /oauth/applications/3"),
    (calls.applications.renew_client_secret(3), "POST /oauth/applications/3/client_secret"),
    (calls.applications.remove_application(3), "DELETE /oauth/applications/3"),
    (calls.oauth.exchange({"grant_type": "password"}), "POST /oauth/token"),
    (calls.oauth.revoke({"token": "t"}), "POST /oauth/revoke"),
]

NOT_CALLED = {
    **dict.fromkeys(
        ("push_chat", "push_inbox", "push_influx", "push_github", "push_git", "push_jira", "push_confluence"),
        "software that knows no sources pushes with a flow's API token; an integration of ours presents with its own",
    ),
    **dict.fromkeys(
        ("scim_check", "scim_list", "scim_show", "scim_create", "scim_replace", "scim_remove"),
        "a provisioner of another maker speaks SCIM",
    ),
    **dict.fromkeys(
        ("present", "upload_to_flow", "show_user_alias", "create_integration"), "another address of what is called"
    ),
    **dict.fromkeys(
        ("ask_reset", "reset_password"), "whoever forgot their password has no token; a page asks for them"
    ),
    "describe": "for makers of other clients",
}


@pytest.mark.parametrize(
    "call,request_line", [pytest.param(*row, id=f"{row[0].endpoint.name}-{at}") for at, row in enumerate(CALLS)]
)
def test_each_call_goes_to_its_endpoint(call: Call[Any], request_line: str) -> None:
    assert call.request == request_line


def test_every_endpoint_has_a_call_or_a_reason_to_have_none() -> None:
    called = {call.endpoint.name for call, _ in CALLS}
    there = {row.name for row in endpoints.ALL}

    assert sorted(there - called - NOT_CALLED.keys()) == []
    assert sorted(NOT_CALLED.keys() - there | NOT_CALLED.keys() & called) == []


@pytest.mark.parametrize(
    "call", [pytest.param(row[0], id=f"{row[0].endpoint.name}-{at}") for at, row in enumerate(CALLS)]
)
def test_each_call_sends_only_what_its_endpoint_takes(call: Call[Any]) -> None:
    sent = {*call.query, *(call.json or {}), *(name.partition("[")[0] for name in (*call.form, *call.files))}

    assert sorted(sent - set(call.endpoint.parameters.__annotations__)) == []
    assert call.endpoint.status in call.accepted or call.endpoint.name in {"send", "comment"}
