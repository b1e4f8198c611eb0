# Generated from src/flowdock/client/_async/several.py by tools/unasync.py; edit that file instead
"""What a stream of several flows listens to."""

from collections.abc import Iterable

from flowdock.client import calls, subscriptions
from flowdock.client._sync.transport import Transport
from flowdock.client.subscriptions import Subscription
from flowdock.protocol.errors import UnknownName


class Several:
    """The flows of a stream: those of the given names, or all one is in at the time; and private events if wanted."""

    def __init__(self, transport: Transport, flows: Iterable[str] | None, *, private: bool) -> None:
        self._transport = transport
        self._wanted = None if flows is None else tuple(flows)
        self._private = private
        self._found: set[str] = set()

    def __call__(self) -> Subscription:
        """What to listen to now: flows that one is not in any more are left out.

        Raises:
            UnknownName: one never was in a flow of this name, or is in none of them any more.
        """
        flows = self._flows()
        self._found.update(flows.values())
        missing = [name for name in self._wanted or () if name not in self._found]
        if missing or (self._wanted and not flows and not self._private):
            raise UnknownName(
                f"no flow {(missing or self._wanted or [''])[0]!r} for this token; client.flows() lists those there are"
            )
        name = subscriptions.name_of(self._wanted, private=self._private)
        return subscriptions.several(flows, name=name, private=self._private)

    def _flows(self) -> dict[str, str]:
        if self._wanted == ():
            return {}
        there = {
            flow["id"]: f"{flow['organization']['parameterized_name']}/{flow['parameterized_name']}"
            for flow in self._transport.answer(calls.flows.list_flows())
        }
        return {key: name for key, name in there.items() if self._wanted is None or name in self._wanted}
