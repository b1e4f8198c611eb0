"""Flows that nobody has written to yet."""

from dataclasses import dataclass

from flowdock.server.actions import setting_up
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server


@dataclass(frozen=True, slots=True)
class NewFlow:
    """A flow in which the three people of the server are, with a source."""

    org: str
    name: str
    id: str
    flow_token: str
    source_id: int

    @property
    def path(self) -> str:
        """Where the flow is in the API."""
        return f"/flows/{self.org}/{self.name}"


def make_flow(server: Server) -> NewFlow:
    """A new flow with everybody in it."""

    def create(tx: Transaction) -> NewFlow:
        name, org, creator = f"flow-{tx.entropy(6).hex()}", server.org, server.user.id
        flow_id = setting_up.create_flow(tx, org=org, name=name, creator=creator)
        for account in (server.second_user, server.third_user):
            setting_up.add_to_flow(tx, org=org, flow=name, user_id=account.id, by=creator)
        source = setting_up.create_source(
            tx, org=org, flow=name, name="Build server", application="CI", external_url=None, creator=creator
        )
        return NewFlow(org, name, flow_id, source.flow_token, source.id)

    return server.do(create)
