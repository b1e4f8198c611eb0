"""Which action answers which endpoint: one line each. A row that does not fit its action fails at start."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_type_hints

from starlette.routing import Route

from flowdock.protocol import endpoints
from flowdock.protocol.endpoints import Endpoint
from flowdock.server.actions import (
    applications,
    commenting,
    conversing,
    editing,
    emoji,
    flow_keys,
    flows,
    inviting,
    membership,
    notifying,
    organizations,
    people,
    provisioning,
    pushing,
    reading,
    sending,
    sources,
    threading,
    tokens,
    webhooks,
)
from flowdock.server.http import emoji as adding_emoji
from flowdock.server.http import finding, invitations, password_resets, profiles, thread_actions
from flowdock.server.http import provisioning as http_provisioning
from flowdock.server.http import pushing as http_pushing
from flowdock.server.http import webhooks as http_webhooks
from flowdock.server.http.answering import Action, Answering, Binding, Service
from flowdock.server.http.describing import describe
from flowdock.server.http.oauth import exchanging


def _searches(parameters: Mapping[str, object]) -> bool:
    return bool(parameters.get("search") or parameters.get("tags"))


def _always(_: Mapping[str, object]) -> bool:
    return True


def bind(
    endpoint: Endpoint[Any],
    action: Action,
    *,
    aside: Callable[[Mapping[str, object]], bool] | None = None,
    always: Mapping[str, object] | None = None,
    methods: Sequence[str] = (),
) -> Binding:
    """The pair, if the action takes exactly the placeholders and parameters of the row.

    By other `methods` too it is answered in the same way.
    """
    offered = set(endpoint.placeholders) | set(get_type_hints(endpoint.parameters))
    taken: set[str] = set()
    for name, parameter in inspect.signature(action).parameters.items():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            taken.add(name)
        elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
            taken |= set(get_type_hints(parameter.annotation.__args__[0]))
    if offered != taken:
        raise TypeError(f"{endpoint.name} offers {sorted(offered)}, its action takes {sorted(taken)}")
    return Binding(endpoint, action, aside, always or {}, tuple(methods))


# The most frequent first: routes are tried in this order.
BINDINGS = (
    bind(endpoints.SEND_TO_FLOW, sending.send_to_flow),
    bind(endpoints.LIST_MESSAGES, reading.list_messages, aside=_searches),
    bind(endpoints.LIST_FLOWS, flows.list_flows),
    bind(endpoints.ME, people.me),
    bind(endpoints.SEND, sending.send),
    bind(endpoints.SEND_TO_THREAD, sending.send_to_thread),
    bind(endpoints.LIST_REPLIES, reading.list_replies, aside=_searches),
    bind(endpoints.SEND_PRIVATELY, sending.send_privately),
    bind(endpoints.LIST_PRIVATE, reading.list_private, aside=_searches),
    bind(endpoints.SEARCH, finding.search),
    bind(endpoints.SHOW_MESSAGE, reading.show_message),
    bind(endpoints.EDIT_MESSAGE, editing.edit_message),
    bind(endpoints.DELETE_MESSAGE, editing.delete_message),
    bind(endpoints.SHOW_PRIVATE, reading.show_private),
    bind(endpoints.EDIT_PRIVATE, editing.edit_private),
    bind(endpoints.DELETE_PRIVATE, editing.delete_private),
    bind(endpoints.REACT, editing.react),
    bind(endpoints.REACT_PRIVATELY, editing.react_privately),
    bind(endpoints.UPLOAD_TO_FLOW, sending.upload, always={"event": "file"}),
    bind(endpoints.PRESENT, sending.present),
    bind(endpoints.COMMENT, commenting.comment),
    bind(endpoints.COMMENT_ON, commenting.comment_on),
    bind(endpoints.LIST_THREADS, threading.list_threads),
    bind(endpoints.SHOW_THREAD, threading.show_thread),
    # Clients ask by the method that the integration declared for its own address.
    bind(endpoints.RUN_ACTION, thread_actions.run_action, methods=("GET", "PUT", "PATCH", "DELETE")),
    bind(endpoints.ALL_FLOWS, flows.all_flows),
    bind(endpoints.FIND_FLOW, flows.find_flow),
    bind(endpoints.FLOW_USERS, people.flow_users),
    bind(endpoints.SHOW_FLOW, flows.show_flow),
    bind(endpoints.CREATE_FLOW, flows.create_flow),
    bind(endpoints.UPDATE_FLOW, flows.update_flow),
    bind(endpoints.SHOW_JOIN_URL, flow_keys.show_join_url),
    bind(endpoints.RENEW_JOIN_URL, flow_keys.renew_join_url),
    bind(endpoints.REMOVE_JOIN_URL, flow_keys.remove_join_url),
    bind(endpoints.RENEW_API_TOKEN, flow_keys.renew_api_token),
    bind(endpoints.ADD_FLOW_USER, membership.add_flow_user),
    bind(endpoints.UPDATE_FLOW_USER, membership.update_flow_user),
    bind(endpoints.LIST_INVITATIONS, inviting.list_invitations),
    bind(endpoints.INVITE, invitations.invite),
    bind(endpoints.IMPORT_INVITATIONS, invitations.import_invitations),
    bind(endpoints.SHOW_INVITATION, inviting.show_invitation),
    bind(endpoints.CANCEL_INVITATION, inviting.cancel_invitation),
    bind(endpoints.ACCEPT_INVITATION, invitations.accept_invitation),
    bind(endpoints.ASK_RESET, password_resets.ask_reset),
    bind(endpoints.RESET_PASSWORD, password_resets.reset_password),
    bind(endpoints.LIST_ORGANIZATIONS, organizations.list_organizations),
    bind(endpoints.FIND_ORGANIZATION, organizations.find_organization),
    bind(endpoints.SHOW_ORGANIZATION, organizations.show_organization),
    bind(endpoints.UPDATE_ORGANIZATION, organizations.update_organization),
    bind(endpoints.ORGANIZATION_USERS, organizations.organization_users),
    bind(endpoints.ORGANIZATION_USER, organizations.organization_user),
    bind(endpoints.UPDATE_ORGANIZATION_USER, organizations.update_organization_user),
    bind(endpoints.REMOVE_USER, organizations.remove_user),
    bind(endpoints.AUDIT_USERS, organizations.audit_users),
    bind(endpoints.LIST_EMOJI, emoji.list_emoji),
    bind(endpoints.ADD_EMOJI, adding_emoji.add_emoji),
    bind(endpoints.REMOVE_EMOJI, emoji.remove_emoji),
    bind(endpoints.LIST_USERS, people.list_users),
    bind(endpoints.SHOW_USER, people.show_user),
    # Before what would take `tokens` for somebody's number.
    bind(endpoints.LIST_TOKENS, tokens.list_tokens),
    bind(endpoints.CREATE_TOKEN, tokens.create_token),
    bind(endpoints.REVOKE_TOKEN, tokens.revoke_token),
    bind(endpoints.SHOW_USER_ALIAS, people.show_user),
    bind(endpoints.UPDATE_USER, profiles.update_user),
    bind(endpoints.LIST_SOURCES, sources.list_sources),
    bind(endpoints.UPDATE_OWN_SOURCE, sources.update_own_source),
    bind(endpoints.FLOW_SOURCES, sources.flow_sources),
    bind(endpoints.SHOW_SOURCE, sources.show_source),
    bind(endpoints.CREATE_SOURCE, sources.create_source),
    bind(endpoints.CREATE_INTEGRATION, sources.create_source),
    bind(endpoints.UPDATE_SOURCE, sources.update_source),
    bind(endpoints.REMOVE_SOURCE, sources.remove_source),
    bind(endpoints.LIST_APPLICATIONS, applications.list_applications),
    bind(endpoints.CREATE_APPLICATION, applications.create_application),
    bind(endpoints.SHOW_APPLICATION, applications.show_application),
    bind(endpoints.UPDATE_APPLICATION, applications.update_application),
    bind(endpoints.RENEW_CLIENT_SECRET, applications.renew_client_secret),
    bind(endpoints.REMOVE_APPLICATION, applications.remove_application),
    bind(endpoints.DESCRIBE, describe),
    bind(endpoints.LIST_WEBHOOKS, webhooks.list_webhooks),
    bind(endpoints.CREATE_WEBHOOK, http_webhooks.create_webhook),
    bind(endpoints.SHOW_WEBHOOK, webhooks.show_webhook),
    bind(endpoints.UPDATE_WEBHOOK, http_webhooks.update_webhook),
    bind(endpoints.REMOVE_WEBHOOK, webhooks.remove_webhook),
    bind(endpoints.LIST_DELIVERIES, webhooks.list_deliveries),
    bind(endpoints.REPLAY_DELIVERY, webhooks.replay_delivery),
    bind(endpoints.UNREAD, notifying.unread, aside=_always),
    bind(endpoints.UNREAD_IN_FLOW, notifying.unread_in_flow, aside=_always),
    bind(endpoints.MARK_READ, notifying.mark_read),
    bind(endpoints.MENTIONS, notifying.mentions, aside=_always),
    bind(endpoints.UNREADS, notifying.unreads, aside=_always),
    bind(endpoints.LIST_CONVERSATIONS, conversing.list_conversations, aside=_always),
    bind(endpoints.SHOW_CONVERSATION, conversing.show_conversation),
    bind(endpoints.UPDATE_CONVERSATION, conversing.update_conversation),
    bind(endpoints.RENEW_SCIM_TOKEN, provisioning.renew_scim_token),
    bind(endpoints.REMOVE_SCIM_TOKEN, provisioning.remove_scim_token),
    bind(endpoints.SCIM_CHECK, provisioning.scim_check),
    bind(endpoints.SCIM_LIST, provisioning.scim_list),
    bind(endpoints.SCIM_SHOW, provisioning.scim_show),
    bind(endpoints.SCIM_CREATE, http_provisioning.scim_create),
    bind(endpoints.SCIM_REPLACE, http_provisioning.scim_replace),
    bind(endpoints.SCIM_REMOVE, provisioning.scim_remove),
    bind(endpoints.PUSH_CHAT, pushing.push_chat),
    bind(endpoints.PUSH_INBOX, pushing.push_inbox),
    bind(endpoints.PUSH_INFLUX, pushing.push_inbox),
    bind(endpoints.PUSH_GITHUB, http_pushing.push_github),
    bind(endpoints.PUSH_GIT, http_pushing.push_git),
    bind(endpoints.PUSH_JIRA, pushing.push_jira),
    bind(endpoints.PUSH_CONFLUENCE, pushing.push_confluence),
    bind(endpoints.TOKEN, exchanging.token),
    bind(endpoints.REVOKE, exchanging.revoke),
)


def api_routes(service: Callable[[], Service]) -> list[Route]:
    """A route for every bound endpoint; every row of the table has to be bound."""
    unbound = {row.name for row in endpoints.ALL} - {binding.endpoint.name for binding in BINDINGS}
    if unbound:
        raise TypeError(f"no action answers {sorted(unbound)}")
    return [_route(binding, service) for binding in BINDINGS]


def _route(binding: Binding, service: Callable[[], Service]) -> Route:
    asked_by = [binding.endpoint.method, *binding.methods]
    route = Route(binding.endpoint.path, Answering(binding, service), methods=asked_by)
    if route.methods and binding.endpoint.method != "GET":
        route.methods.discard("HEAD")  # which comes with GET, and must not do anything
    return route
